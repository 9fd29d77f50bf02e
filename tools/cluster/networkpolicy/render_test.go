package networkpolicy

import (
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

const podCIDR = "10.244.0.0/16"

// world has two namespaces: "desk" (role=learner) with web and shell, "shared" (role=infra) with dns.
func world(t *testing.T, policies ...string) Snapshot {
	t.Helper()
	pod := func(namespace, name, ip string, ports ...corev1.ContainerPort) Pod {
		return Pod{
			Namespace: namespace, Name: name, Ports: ports,
			Labels: labels.Set{"app": name}, IPs: []netip.Addr{netip.MustParseAddr(ip)},
		}
	}
	snapshot := Snapshot{
		Namespaces: map[string]labels.Set{"desk": {"role": "learner"}, "shared": {"role": "infra"}},
		Pods: []Pod{
			pod("desk", "web", "10.244.0.2", corev1.ContainerPort{Name: "http", ContainerPort: 8080}),
			pod("desk", "shell", "10.244.0.3"),
			pod("shared", "dns", "10.244.0.4",
				corev1.ContainerPort{Name: "dns", Protocol: corev1.ProtocolUDP, ContainerPort: 53},
				corev1.ContainerPort{Name: "http", ContainerPort: 9153}),
		},
	}
	for _, text := range policies {
		policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: "p"}}
		if err := yaml.UnmarshalStrict([]byte(text), &policy.Spec); err != nil {
			t.Fatal(err)
		}
		snapshot.Policies = append(snapshot.Policies, policy)
	}
	return snapshot
}

// rulesFor gives the rules of one pod's direction with every set replaced by its elements; nil when the pod is
// not isolated.
func rulesFor(t *testing.T, table *Table, direction, ip string) []string {
	t.Helper()
	target, isolated := table.Sets[direction].Elements[ip]
	if !isolated {
		return nil
	}
	rules := table.Chains[strings.TrimPrefix(target, "jump ")]
	if len(rules) == 0 {
		t.Fatalf("%s has no chain behind %q", ip, target)
	}
	var out []string
	for _, rule := range rules {
		for name, set := range table.Sets {
			elements := strings.Join(sortedKeys(set.Elements), ", ")
			rule = strings.ReplaceAll(rule, "@"+name, "{ "+elements+" }")
		}
		out = append(out, rule)
	}
	return out
}

func TestRender(t *testing.T) {
	const web, shell, dns = "10.244.0.2", "10.244.0.3", "10.244.0.4"
	cases := map[string]struct {
		policies []string
		pod      string
		ingress  []string
		egress   []string
	}{
		"no policy isolates nobody": {pod: web},
		"default deny of both directions": {
			policies: []string{`{podSelector: {}, policyTypes: [Ingress, Egress]}`},
			pod:      shell, ingress: []string{"counter drop"}, egress: []string{"counter drop"},
		},
		"a policy does not reach other namespaces": {
			policies: []string{`{podSelector: {}, policyTypes: [Ingress, Egress]}`}, pod: dns,
		},
		"a policy does not reach pods that it does not select": {
			policies: []string{`{podSelector: {matchLabels: {app: web}}}`}, pod: shell,
		},
		"policyTypes default to Ingress": {
			policies: []string{`{podSelector: {}}`}, pod: web, ingress: []string{"counter drop"},
		},
		"policyTypes default to both with an egress rule; an empty rule allows everything": {
			policies: []string{`{podSelector: {}, egress: [{}]}`}, pod: web,
			ingress: []string{"counter drop"}, egress: []string{"return", "counter drop"},
		},
		"pod selector alone: own namespace": {
			policies: []string{`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`}, pod: web,
			ingress: []string{"ip saddr { 10.244.0.2, 10.244.0.3 } return", "counter drop"},
		},
		"namespace selector alone: all its pods": {
			policies: []string{`{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {role: infra}}}]}]}`},
			pod:      web, ingress: []string{"ip saddr { 10.244.0.4 } return", "counter drop"},
		},
		"both selectors: their intersection": {
			policies: []string{`{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: In, values: [dns, shell]}]}}]}]}`},
			pod:      web, ingress: []string{"ip saddr { 10.244.0.3, 10.244.0.4 } return", "counter drop"},
		},
		"a peer that selects nobody allows nobody": {
			policies: []string{`{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: none}}}]}]}`},
			pod:      web, ingress: []string{"ip saddr {  } return", "counter drop"},
		},
		"address block with holes; IPv6 is left out": {
			policies: []string{`{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 169.254.0.0/16]}}, {ipBlock: {cidr: "2001:db8::/32"}}]}]}`},
			pod:      web, egress: []string{"ip daddr 0.0.0.0/0 ip daddr != 10.0.0.0/8 ip daddr != 169.254.0.0/16 return", "counter drop"},
		},
		"only an IPv6 block allows nothing": {
			policies: []string{`{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "::/0"}}]}]}`},
			pod:      web, ingress: []string{"counter drop"},
		},
		"ports: numbers, ranges, protocols, all of a protocol": {
			policies: []string{`{podSelector: {}, ingress: [{ports: [{port: 80}, {port: 90, endPort: 95}, {port: 93, endPort: 99}, {port: 100}, {protocol: UDP, port: 53}, {protocol: SCTP}]}]}`},
			pod:      web, ingress: []string{"meta l4proto sctp return", "tcp dport { 80, 90-100 } return", "udp dport { 53 } return", "counter drop"},
		},
		"ingress by name: the number on the selected pod": {
			policies: []string{`{podSelector: {}, ingress: [{ports: [{port: http}]}]}`},
			pod:      web, ingress: []string{"tcp dport { 8080 } return", "counter drop"},
		},
		"ingress by a name that the pod lacks allows nothing": {
			policies: []string{`{podSelector: {}, ingress: [{ports: [{port: http}]}]}`},
			pod:      shell, ingress: []string{"counter drop"},
		},
		"egress by name: the number on each destination": {
			policies: []string{`{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: http}, {port: dns, protocol: UDP}, {port: 443}]}]}`},
			pod:      shell, egress: []string{
				"ip daddr . tcp dport { 10.244.0.2 . 8080, 10.244.0.4 . 9153 } return",
				"ip daddr . udp dport { 10.244.0.4 . 53 } return",
				"ip daddr { 10.244.0.2, 10.244.0.3, 10.244.0.4 } tcp dport { 443 } return",
				"counter drop",
			},
		},
		"two policies add up": {
			policies: []string{
				`{podSelector: {}, policyTypes: [Ingress]}`,
				`{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: shell}}}], ports: [{port: 1}]}]}`,
			},
			pod: web, ingress: []string{"ip saddr { 10.244.0.3 } tcp dport { 1 } return", "counter drop"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			table := Render(world(t, c.policies...), podCIDR)
			if got := rulesFor(t, table, mapIngress, c.pod); !slices.Equal(got, c.ingress) {
				t.Errorf("ingress: got %q, want %q", got, c.ingress)
			}
			if got := rulesFor(t, table, mapEgress, c.pod); !slices.Equal(got, c.egress) {
				t.Errorf("egress: got %q, want %q", got, c.egress)
			}
		})
	}
}

func TestPodsThatPoliciesDoNotConcern(t *testing.T) {
	running := corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIPs: []corev1.PodIP{{IP: "10.244.0.9"}, {IP: "fd00::9"}}}}
	if pod, ok := newPod(&running, netip.Addr{}); !ok || len(pod.IPs) != 1 {
		t.Errorf("a running pod is one with its IPv4 address, got %v %v", pod, ok)
	}
	announced := netip.MustParseAddr("10.244.0.10")
	if pod, _ := newPod(&running, announced); pod.IPs[0] != announced {
		t.Errorf("the announced address wins, got %v", pod.IPs)
	}
	ended := running
	ended.Status.Phase = corev1.PodSucceeded
	hostNetwork := running
	hostNetwork.Spec.HostNetwork = true
	for _, pod := range []corev1.Pod{ended, hostNetwork, {}} {
		if _, ok := newPod(&pod, netip.Addr{}); ok {
			t.Errorf("%v counts as a pod", pod.Status)
		}
	}
}

func TestSidecarPortsHaveNames(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod, _ := newPod(&corev1.Pod{Spec: corev1.PodSpec{InitContainers: []corev1.Container{
		{RestartPolicy: &always, Ports: []corev1.ContainerPort{{Name: "mesh", ContainerPort: 15001}}},
		{Ports: []corev1.ContainerPort{{Name: "setup", ContainerPort: 1}}},
	}}}, netip.MustParseAddr("10.244.0.2"))
	if got := pod.portNumbers("mesh", corev1.ProtocolTCP); !slices.Equal(got, []uint16{15001}) {
		t.Errorf("got %v", got)
	}
	if got := pod.portNumbers("setup", corev1.ProtocolTCP); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestScriptOfNoChangeIsEmpty(t *testing.T) {
	policy := `{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{ports: [{port: http}]}]}`
	a, b := Render(world(t, policy), podCIDR), Render(world(t, policy), podCIDR)
	if script := b.Script(a); script != "" {
		t.Errorf("got %s", script)
	}
}

// The kernel's own verdict: every change is applied by nft in a network namespace of its own, and the
// result must list the same as the wanted table applied afresh.
func TestScriptsApply(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root for a network namespace")
	}
	steps := [][]string{
		nil,
		{`{podSelector: {}, policyTypes: [Ingress, Egress]}`},
		{`{podSelector: {}, ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: 80}, {port: http}, {protocol: SCTP, port: 5}]}], egress: [{ports: [{port: http}]}, {to: [{namespaceSelector: {}}], ports: [{port: dns, protocol: UDP}]}]}`},
		{`{podSelector: {matchLabels: {app: web}}, egress: [{to: [{namespaceSelector: {matchLabels: {role: infra}}}]}]}`},
		nil,
	}
	var all, last strings.Builder
	var current *Table
	for _, policies := range steps {
		wanted := Render(world(t, policies...), podCIDR)
		all.WriteString(wanted.Script(current))
		current = wanted
	}
	fewer := world(t)
	fewer.Pods = fewer.Pods[:1]
	final := Render(fewer, podCIDR)
	all.WriteString(final.Script(current))
	last.WriteString(final.Script(nil))
	if got, want := listAfter(t, all.String()), listAfter(t, last.String()); got != want || !strings.Contains(got, "chain input") {
		t.Errorf("after all changes:\n%s\nafresh:\n%s", got, want)
	}
}

func listAfter(t *testing.T, script string) string {
	t.Helper()
	command := exec.Command("unshare", "--net", "sh", "-c", "nft -f - && nft -s list ruleset")
	command.Stdin = strings.NewReader(script)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, output, script)
	}
	return string(output)
}

func TestPortNumbersKeepTheirProtocol(t *testing.T) {
	port := intstr.FromString("dns")
	udp := corev1.ProtocolUDP
	got := portMatches([]networkingv1.NetworkPolicyPort{{Port: &port}, {Port: &port, Protocol: &udp}},
		world(t).Pods[2].portNumbers)
	if !slices.Equal(got, []string{"udp dport { 53 }"}) {
		t.Errorf("got %v", got)
	}
}
