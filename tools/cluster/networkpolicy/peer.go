package networkpolicy

import (
	"fmt"
	"net/netip"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// peer is the other end of a rule: everything, a named set of pod addresses, or an address block.
type peer struct {
	key    string
	set    string // name of the set of pod addresses, if it is one
	pods   map[string]string
	block  netip.Prefix // valid if it is a block
	except []netip.Prefix
}

// match is the nft expression for a packet whose field (saddr or daddr) is of this peer.
func (p peer) match(field string) string {
	switch {
	case p.set != "":
		return fmt.Sprintf("ip %s @%s", field, p.set)
	case p.block.IsValid():
		match := fmt.Sprintf("ip %s %s", field, p.block)
		for _, hole := range p.except {
			match += fmt.Sprintf(" ip %s != %s", field, hole)
		}
		return match
	default:
		return ""
	}
}

func (p peer) contains(ip netip.Addr) bool {
	switch {
	case p.set != "":
		_, found := p.pods[ip.String()]
		return found
	case p.block.IsValid():
		return p.block.Contains(ip) && !inPrefixes(ip, p.except)
	default:
		return true
	}
}

// peers resolves the from or to list of a rule in a policy of this namespace; an empty list is everything.
// What does not parse, and what is IPv6 (these clusters have none), is left out and so allows nothing.
func (r *renderer) peers(namespace string, list []networkingv1.NetworkPolicyPeer) []peer {
	if len(list) == 0 {
		return []peer{{key: "everything"}}
	}
	var peers []peer
	for _, entry := range list {
		if entry.IPBlock != nil {
			if block, ok := blockPeer(entry.IPBlock); ok {
				peers = append(peers, block)
			}
			continue
		}
		peers = append(peers, r.podPeer(namespace, entry))
	}
	return peers
}

func blockPeer(entry *networkingv1.IPBlock) (peer, bool) {
	block, err := netip.ParsePrefix(entry.CIDR)
	if err != nil || !block.Addr().Is4() {
		return peer{}, false
	}
	result := peer{key: "block " + entry.CIDR + " but " + strings.Join(entry.Except, " "), block: block.Masked()}
	for _, text := range entry.Except {
		hole, err := netip.ParsePrefix(text)
		if err != nil {
			return peer{}, false
		}
		if hole.Addr().Is4() {
			result.except = append(result.except, hole.Masked())
		}
	}
	return result, true
}

// podPeer makes the set of the addresses of all pods that a peer selects: without a namespace selector in
// the policy's own namespace, without a pod selector all pods of the selected namespaces.
func (r *renderer) podPeer(namespace string, entry networkingv1.NetworkPolicyPeer) peer {
	everyPod := metav1.LabelSelector{}
	podSelector := &everyPod
	if entry.PodSelector != nil {
		podSelector = entry.PodSelector
	}
	key := "namespace " + namespace
	if entry.NamespaceSelector != nil {
		key = "namespaces " + metav1.FormatLabelSelector(entry.NamespaceSelector)
	}
	key += " pods " + metav1.FormatLabelSelector(podSelector)
	result := peer{key: key, set: "peer_" + digest(key)}
	if existing, done := r.Sets[result.set]; done {
		result.pods = existing.Elements
		return result
	}
	result.pods = map[string]string{}
	r.Sets[result.set] = Set{Type: "ipv4_addr", Elements: result.pods}
	for _, name := range r.selectNamespaces(namespace, entry.NamespaceSelector) {
		for _, pod := range r.byNamespace[name] {
			if !matches(podSelector, pod.Labels) {
				continue
			}
			for _, ip := range pod.IPs {
				result.pods[ip.String()] = ""
			}
		}
	}
	return result
}

func (r *renderer) selectNamespaces(own string, selector *metav1.LabelSelector) []string {
	if selector == nil {
		return []string{own}
	}
	var names []string
	for name, set := range r.snapshot.Namespaces {
		if matches(selector, set) {
			names = append(names, name)
		}
	}
	return names
}
