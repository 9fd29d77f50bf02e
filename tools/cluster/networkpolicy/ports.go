package networkpolicy

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type portRange struct{ first, last uint16 }

// portMatches gives one nft expression per protocol of a port list. An empty list matches every packet (the
// one expression ""). resolve gives the numbers of a named port; a name without numbers matches nothing.
func portMatches(
	list []networkingv1.NetworkPolicyPort, resolve func(name string, protocol corev1.Protocol) []uint16,
) []string {
	if len(list) == 0 {
		return []string{""}
	}
	var matches []string
	for _, protocol := range []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP} {
		var ranges []portRange
		everyPort := false
		for _, port := range list {
			if protocolOf(port) != protocol {
				continue
			}
			switch {
			case port.Port == nil:
				everyPort = true
			case port.Port.Type == intstr.String:
				for _, number := range resolve(port.Port.StrVal, protocol) {
					ranges = append(ranges, portRange{number, number})
				}
			default:
				first := uint16(port.Port.IntVal)
				last := first
				if port.EndPort != nil {
					last = uint16(*port.EndPort)
				}
				if first <= last {
					ranges = append(ranges, portRange{first, last})
				}
			}
		}
		switch {
		case everyPort:
			matches = append(matches, "meta l4proto "+lower(protocol))
		case len(ranges) > 0:
			matches = append(matches, fmt.Sprintf("%s dport { %s }", lower(protocol), formatRanges(ranges)))
		}
	}
	return matches
}

func protocolOf(port networkingv1.NetworkPolicyPort) corev1.Protocol {
	if port.Protocol == nil {
		return corev1.ProtocolTCP
	}
	return *port.Protocol
}

// formatRanges merges ranges that touch or overlap: nft refuses a set whose intervals conflict.
func formatRanges(ranges []portRange) string {
	slices.SortFunc(ranges, func(a, b portRange) int { return int(a.first) - int(b.first) })
	merged := ranges[:1]
	for _, next := range ranges[1:] {
		last := &merged[len(merged)-1]
		if int(next.first) <= int(last.last)+1 {
			last.last = max(last.last, next.last)
		} else {
			merged = append(merged, next)
		}
	}
	var texts []string
	for _, r := range merged {
		if r.first == r.last {
			texts = append(texts, fmt.Sprint(r.first))
		} else {
			texts = append(texts, fmt.Sprintf("%d-%d", r.first, r.last))
		}
	}
	return strings.Join(texts, ", ")
}
