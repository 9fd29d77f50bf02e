// Package networkpolicy enforces NetworkPolicy (networking.k8s.io/v1) on the one node of a Carrel
// test cluster with nftables.
//
// It expects a CNI that routes every packet of a pod through the node's forward hook or, for addresses of
// the node itself, its input hook (the ptp plugin does; a bridge does not). Both hooks run after the
// destination was translated, so policies see real endpoints and not Service addresses.
//
// Three parts: Render turns a snapshot of pods, namespaces and policies into a Table (pure); Table.Script
// turns the difference of two tables into one atomic nft transaction (pure); Controller watches the API
// server and applies. Fail closed: an address of the pod range that belongs to no known pod is cut off, and
// the CNI plugin does not let a pod start before its rules are in the kernel.
package networkpolicy
