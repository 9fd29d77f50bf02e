// Command carrel-k8s is a whole Kubernetes control plane and node in one binary:
// its first argument (or the name it is called by) picks the component, the rest is that
// component's own command line.
//
// Every component but network-policy is the unmodified upstream command; this file only dispatches. One binary links
// the shared packages once (131 MB instead of five times 100 MB), and one build fills one cache.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	_ "time/tzdata" // CronJob time zones, as upstream's mains do

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"

	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kubeproxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"carrel.dev/tools/cluster/networkpolicy"
)

var components = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kube-proxy":              kubeproxy.NewProxyCommand,
	"network-policy":          networkpolicy.NewCommand,
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
}

func main() {
	args := append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...)
	if _, known := components[args[0]]; !known && args[0] != "etcd" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: carrel-k8s etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kube-proxy|kubelet|network-policy [flags]")
		os.Exit(2)
	}
	if args[0] == "etcd" {
		etcdmain.Main(args)
		return
	}
	component, known := components[args[0]]
	if !known {
		fmt.Fprintf(os.Stderr, "carrel-k8s: unknown component %q\n", args[0])
		os.Exit(2)
	}
	os.Args = args
	os.Exit(cli.Run(component()))
}
