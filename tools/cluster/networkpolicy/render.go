package networkpolicy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Render gives the ruleset that enforces the policies of a snapshot.
//
// A pod that no policy selects for a direction has no entry in that direction's map and passes. One that is
// selected jumps to a chain that returns for every allowed packet (so that the other pod's side is asked
// too) and drops the rest. Pods with equal rules share a chain.
func Render(snapshot Snapshot, podCIDR string) *Table {
	r := &renderer{Table: newTable(podCIDR), snapshot: snapshot.sorted(), byNamespace: map[string][]Pod{}}
	policies := map[string][]*networkingv1.NetworkPolicy{}
	for _, policy := range r.snapshot.Policies {
		policies[policy.Namespace] = append(policies[policy.Namespace], policy)
	}
	for _, pod := range r.snapshot.Pods {
		r.byNamespace[pod.Namespace] = append(r.byNamespace[pod.Namespace], pod)
		for _, ip := range pod.IPs {
			r.Sets[setPods].Elements[ip.String()] = ""
			r.Sets[setSelf].Elements[ip.String()+" . "+ip.String()] = ""
		}
	}
	for _, pod := range r.snapshot.Pods {
		for _, direction := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
			r.isolate(pod, direction, policies[pod.Namespace])
		}
	}
	return r.Table
}

type renderer struct {
	*Table
	snapshot    Snapshot
	byNamespace map[string][]Pod
}

func (r *renderer) isolate(pod Pod, direction networkingv1.PolicyType, policies []*networkingv1.NetworkPolicy) {
	selected := false
	var rules []string
	for _, policy := range policies {
		if !appliesTo(policy, direction) || !matches(&policy.Spec.PodSelector, pod.Labels) {
			continue
		}
		selected = true
		if direction == networkingv1.PolicyTypeIngress {
			for _, rule := range policy.Spec.Ingress {
				rules = append(rules, r.ingressRules(pod, policy.Namespace, rule)...)
			}
		} else {
			for _, rule := range policy.Spec.Egress {
				rules = append(rules, r.egressRules(policy.Namespace, rule)...)
			}
		}
	}
	if !selected {
		return
	}
	slices.Sort(rules)
	rules = append(slices.Compact(rules), "counter drop")
	name, target := "in_", mapIngress
	if direction == networkingv1.PolicyTypeEgress {
		name, target = "out_", mapEgress
	}
	name += digest(strings.Join(rules, "\n"))
	r.Chains[name] = rules
	for _, ip := range pod.IPs {
		r.Sets[target].Elements[ip.String()] = "jump " + name
	}
}

func (r *renderer) ingressRules(pod Pod, namespace string, rule networkingv1.NetworkPolicyIngressRule) []string {
	var rules []string
	ports := portMatches(rule.Ports, pod.portNumbers)
	for _, peer := range r.peers(namespace, rule.From) {
		for _, port := range ports {
			rules = append(rules, join(peer.match("saddr"), port, "return"))
		}
	}
	return rules
}

func (r *renderer) egressRules(namespace string, rule networkingv1.NetworkPolicyEgressRule) []string {
	var rules []string
	// A named port means another number on every destination: it is matched together with the address.
	ports := portMatches(rule.Ports, func(string, corev1.Protocol) []uint16 { return nil })
	for _, peer := range r.peers(namespace, rule.To) {
		for _, port := range ports {
			rules = append(rules, join(peer.match("daddr"), port, "return"))
		}
		for _, named := range rule.Ports {
			if named.Port == nil || named.Port.StrVal == "" {
				continue
			}
			protocol := protocolOf(named)
			set := r.namedPortSet(peer, named.Port.StrVal, protocol)
			rules = append(rules, fmt.Sprintf("ip daddr . %s dport @%s return", lower(protocol), set))
		}
	}
	return rules
}

// namedPortSet makes the set of address . port of every pod behind a peer that has a port of this name.
func (r *renderer) namedPortSet(p peer, name string, protocol corev1.Protocol) string {
	set := "port_" + digest(p.key+"|"+name+"|"+string(protocol))
	if _, exists := r.Sets[set]; exists {
		return set
	}
	elements := map[string]string{}
	for _, pod := range r.snapshot.Pods {
		for _, ip := range pod.IPs {
			if !p.contains(ip) {
				continue
			}
			for _, number := range pod.portNumbers(name, protocol) {
				elements[fmt.Sprintf("%s . %d", ip, number)] = ""
			}
		}
	}
	r.Sets[set] = Set{Type: "ipv4_addr . inet_service", Elements: elements}
	return set
}

func appliesTo(policy *networkingv1.NetworkPolicy, direction networkingv1.PolicyType) bool {
	if len(policy.Spec.PolicyTypes) > 0 {
		return slices.Contains(policy.Spec.PolicyTypes, direction)
	}
	return direction == networkingv1.PolicyTypeIngress || len(policy.Spec.Egress) > 0
}

// matches is false for a selector that does not parse: it selects nothing.
func matches(selector *metav1.LabelSelector, set labels.Set) bool {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(set)
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func lower(protocol corev1.Protocol) string { return strings.ToLower(string(protocol)) }

func inPrefixes(ip netip.Addr, prefixes []netip.Prefix) bool {
	return slices.ContainsFunc(prefixes, func(prefix netip.Prefix) bool { return prefix.Contains(ip) })
}
