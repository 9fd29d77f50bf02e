package networkpolicy

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// NewCommand is `carrel-k8s network-policy`. Run it in the network namespace of the node, before the kubelet.
func NewCommand() *cobra.Command {
	var kubeconfig, podCIDR, socket string
	command := &cobra.Command{
		Use:          "network-policy",
		Short:        "Enforces NetworkPolicy on this node with nftables",
		SilenceUsage: true,
		Args:         cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return run(genericapiserver.SetupSignalContext(), kubeconfig, podCIDR, socket)
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the API server")
	command.Flags().StringVar(&podCIDR, "pod-cidr", "", "the address range of all pods (IPv4)")
	command.Flags().StringVar(&socket, "socket", "", "the Unix socket that the CNI plugin calls")
	return command
}

func run(ctx context.Context, kubeconfig, podCIDR, socket string) error {
	// Before anything else: with no pod known, no pod passes. After a restart the old table holds meanwhile.
	if err := runNft(ctx, "list table inet "+TableName); err != nil {
		if err := runNft(ctx, newTable(podCIDR).Script(nil)); err != nil {
			return err
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	controller, sync := NewController(client, podCIDR, runNft)
	if err := sync(ctx); err != nil {
		return err
	}
	listener, err := Listen(socket)
	if err != nil {
		return err
	}
	klog.InfoS("Enforcing network policies", "podCIDR", podCIDR, "socket", socket)
	go controller.Serve(ctx, listener)
	controller.Run(ctx)
	return nil
}

func runNft(ctx context.Context, script string) error {
	command := exec.CommandContext(ctx, "nft", "-f", "-")
	command.Stdin = strings.NewReader(script)
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("nft: %s", strings.TrimSpace(string(output)))
	}
	return err
}
