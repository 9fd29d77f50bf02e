package networkpolicy

import (
	"net/netip"
	"sort"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Pod is what policies can tell about a pod: host-network, ended and unaddressed pods are none.
type Pod struct {
	Namespace string
	Name      string
	Labels    labels.Set
	IPs       []netip.Addr // IPv4
	Ports     []corev1.ContainerPort
}

// Snapshot is everything that decides which packets pass.
type Snapshot struct {
	Pods       []Pod
	Namespaces map[string]labels.Set
	Policies   []*networkingv1.NetworkPolicy
}

// newPod gives the policy view of a pod. An announced address (from the CNI plugin, which knows it first)
// wins over the status. ok is false for pods that no policy can concern.
func newPod(pod *corev1.Pod, announced netip.Addr) (result Pod, ok bool) {
	ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	if pod.Spec.HostNetwork || ended {
		return Pod{}, false
	}
	result = Pod{Namespace: pod.Namespace, Name: pod.Name, Labels: pod.Labels}
	if announced.IsValid() {
		result.IPs = []netip.Addr{announced}
	} else {
		for _, entry := range pod.Status.PodIPs {
			if ip, err := netip.ParseAddr(entry.IP); err == nil && ip.Is4() {
				result.IPs = append(result.IPs, ip)
			}
		}
	}
	for _, container := range pod.Spec.Containers {
		result.Ports = append(result.Ports, container.Ports...)
	}
	// A sidecar is an init container that keeps running: its ports are ports of the pod.
	for _, container := range pod.Spec.InitContainers {
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			result.Ports = append(result.Ports, container.Ports...)
		}
	}
	return result, len(result.IPs) > 0
}

func (p Pod) key() string { return p.Namespace + "/" + p.Name }

// portNumbers are the numbers of the pod's ports of this name and protocol.
func (p Pod) portNumbers(name string, protocol corev1.Protocol) []uint16 {
	var numbers []uint16
	for _, port := range p.Ports {
		of := port.Protocol
		if of == "" {
			of = corev1.ProtocolTCP
		}
		if port.Name == name && of == protocol {
			numbers = append(numbers, uint16(port.ContainerPort))
		}
	}
	return numbers
}

func (s Snapshot) sorted() Snapshot {
	sort.Slice(s.Pods, func(i, j int) bool { return s.Pods[i].key() < s.Pods[j].key() })
	sort.Slice(s.Policies, func(i, j int) bool {
		a, b := s.Policies[i], s.Policies[j]
		return a.Namespace+"/"+a.Name < b.Namespace+"/"+b.Name
	})
	return s
}
