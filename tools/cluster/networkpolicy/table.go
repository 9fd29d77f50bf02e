package networkpolicy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// TableName is the nftables table (family inet) that holds everything of this package.
const TableName = "carrel_network_policy"

// Set is a named set or, when its elements have values, a verdict map.
type Set struct {
	Type     string
	Elements map[string]string
}

// Table is a desired ruleset. A chain is named after its content and so never changes: only elements do.
type Table struct {
	PodCIDR string
	Sets    map[string]Set
	Chains  map[string][]string
}

// Names of the sets that always exist.
const (
	setPods    = "pods"    // every known pod address
	setSelf    = "self"    // address . same address: a pod may always reach itself
	mapEgress  = "egress"  // address of an isolated pod : its chain
	mapIngress = "ingress" // likewise
)

func newTable(podCIDR string) *Table {
	return &Table{
		PodCIDR: podCIDR,
		Sets: map[string]Set{
			setPods:    {Type: "ipv4_addr", Elements: map[string]string{}},
			setSelf:    {Type: "ipv4_addr . ipv4_addr", Elements: map[string]string{}},
			mapEgress:  {Type: "ipv4_addr : verdict", Elements: map[string]string{}},
			mapIngress: {Type: "ipv4_addr : verdict", Elements: map[string]string{}},
		},
		Chains: map[string][]string{},
	}
}

// baseChains are the hooks. Packets from the node to its pods (probes) pass the output hook only and are
// never filtered, as the NetworkPolicy API demands.
func (t *Table) baseChains() []string {
	chain := func(hook string, rules ...string) []string {
		commands := []string{fmt.Sprintf(
			"add chain inet %s %s { type filter hook %s priority filter; policy accept; }", TableName, hook, hook)}
		for _, rule := range rules {
			commands = append(commands, fmt.Sprintf("add rule inet %s %s %s", TableName, hook, rule))
		}
		return commands
	}
	known := func(field string) string {
		return fmt.Sprintf("ip %s %s ip %s != @%s counter drop", field, t.PodCIDR, field, setPods)
	}
	return append(
		chain("forward",
			"ct state established,related accept",
			"ip saddr . ip daddr @"+setSelf+" accept",
			known("saddr"), known("daddr"),
			"ip saddr vmap @"+mapEgress,
			"ip daddr vmap @"+mapIngress),
		chain("input",
			"iifname lo accept",
			"ct state established,related accept",
			known("saddr"),
			"ip saddr vmap @"+mapEgress)...)
}

// Script is the nft transaction that turns the table old into t. A nil old stands for an unknown state:
// the table is replaced as a whole. Empty when nothing differs.
func (t *Table) Script(old *Table) string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	if old == nil {
		// Adding first makes the deletion succeed on a fresh kernel as well.
		line("add table inet %s", TableName)
		line("delete table inet %s", TableName)
		line("add table inet %s", TableName)
		old = &Table{}
	}
	for _, name := range sortedKeys(t.Sets) {
		if _, exists := old.Sets[name]; !exists {
			line("add %s inet %s %s { type %s; }", kind(t.Sets[name]), TableName, name, t.Sets[name].Type)
		}
	}
	if old.Chains == nil {
		for _, command := range t.baseChains() {
			line("%s", command)
		}
	}
	for _, name := range sortedKeys(t.Chains) {
		if _, exists := old.Chains[name]; exists {
			continue
		}
		line("add chain inet %s %s", TableName, name)
		for _, rule := range t.Chains[name] {
			line("add rule inet %s %s %s", TableName, name, rule)
		}
	}
	for _, name := range sortedKeys(t.Sets) {
		removed, added := elementChanges(old.Sets[name].Elements, t.Sets[name].Elements)
		if len(removed) > 0 {
			line("delete element inet %s %s { %s }", TableName, name, strings.Join(removed, ", "))
		}
		if len(added) > 0 {
			line("add element inet %s %s { %s }", TableName, name, strings.Join(added, ", "))
		}
	}
	for _, name := range sortedKeys(old.Chains) {
		if _, kept := t.Chains[name]; !kept {
			line("delete chain inet %s %s", TableName, name)
		}
	}
	for _, name := range sortedKeys(old.Sets) {
		if _, kept := t.Sets[name]; !kept {
			line("delete set inet %s %s", TableName, name)
		}
	}
	return out.String()
}

func elementChanges(old, wanted map[string]string) (removed, added []string) {
	for _, key := range sortedKeys(old) {
		if value, kept := wanted[key]; !kept || value != old[key] {
			removed = append(removed, key)
		}
	}
	for _, key := range sortedKeys(wanted) {
		if value, exists := old[key]; exists && value == wanted[key] {
			continue
		}
		if wanted[key] == "" {
			added = append(added, key)
		} else {
			added = append(added, key+" : "+wanted[key])
		}
	}
	return removed, added
}

func kind(set Set) string {
	if strings.HasSuffix(set.Type, ": verdict") {
		return "map"
	}
	return "set"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
