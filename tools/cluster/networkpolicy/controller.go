package networkpolicy

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	networkinglisters "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// retryAfterFailure is the pause before the whole table is applied again after nft refused a change.
const retryAfterFailure = time.Second

// Controller keeps the kernel's table equal to what Render gives for the API server's state.
type Controller struct {
	podCIDR    string
	pods       corelisters.PodLister
	namespaces corelisters.NamespaceLister
	policies   networkinglisters.NetworkPolicyLister
	apply      func(ctx context.Context, script string) error
	changed    chan struct{} // capacity 1: many changes, one rendering

	mu        sync.Mutex
	announced map[string]announcement // by namespace/name
	waiters   map[*waiter]struct{}
}

type announcement struct {
	sandbox string
	uid     string
	ip      netip.Addr
}

// waiter is a CNI call that waits until its pod's rules are in the kernel.
type waiter struct {
	key  string
	uid  string
	ip   netip.Addr
	done chan struct{}
}

// NewController makes a controller on a client; apply runs one nft transaction.
func NewController(
	client kubernetes.Interface, podCIDR string, apply func(ctx context.Context, script string) error,
) (*Controller, func(ctx context.Context) error) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(stripManagedFields))
	core, networking := factory.Core().V1(), factory.Networking().V1()
	c := &Controller{
		podCIDR:    podCIDR,
		pods:       core.Pods().Lister(),
		namespaces: core.Namespaces().Lister(),
		policies:   networking.NetworkPolicies().Lister(),
		apply:      apply,
		changed:    make(chan struct{}, 1),
		announced:  map[string]announcement{},
		waiters:    map[*waiter]struct{}{},
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { c.touch() },
		UpdateFunc: func(any, any) { c.touch() },
		DeleteFunc: func(any) { c.touch() },
	}
	for _, informer := range []cache.SharedIndexInformer{
		core.Pods().Informer(), core.Namespaces().Informer(), networking.NetworkPolicies().Informer(),
	} {
		// An error here means a stopped informer: this one has not started yet.
		_, _ = informer.AddEventHandler(handler)
	}
	return c, func(ctx context.Context) error {
		factory.Start(ctx.Done())
		for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
			if !synced {
				return fmt.Errorf("no %v were listed", kind)
			}
		}
		return nil
	}
}

// stripManagedFields halves the memory of a cached object; nothing here reads them.
func stripManagedFields(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}

func (c *Controller) touch() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// Run renders and applies after every change until ctx ends. Start it when the caches are synced.
func (c *Controller) Run(ctx context.Context) {
	var current *Table
	c.touch()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.changed:
		}
		snapshot, uids := c.snapshot()
		wanted := Render(snapshot, c.podCIDR)
		if script := wanted.Script(current); script != "" {
			if err := c.apply(ctx, script); err != nil {
				klog.ErrorS(err, "The table could not be changed; it stays as it was and is replaced as a whole soon")
				current = nil
				select {
				case <-ctx.Done():
					return
				case <-time.After(retryAfterFailure):
				}
				c.touch()
				continue
			}
		}
		current = wanted
		c.release(snapshot, uids)
	}
}

// snapshot reads the caches. It also forgets announcements of pods that are gone, and gives the UIDs that it saw.
func (c *Controller) snapshot() (Snapshot, map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	result := Snapshot{Namespaces: map[string]labels.Set{}}
	uids := map[string]string{}
	pods, _ := c.pods.List(labels.Everything()) // a lister of a cache has no way to fail
	for _, pod := range pods {
		key := pod.Namespace + "/" + pod.Name
		uids[key] = string(pod.UID)
		if viewed, ok := newPod(pod, c.announcedFor(key, pod)); ok {
			result.Pods = append(result.Pods, viewed)
		}
	}
	for key, entry := range c.announced {
		if _, exists := uids[key]; !exists && !c.isAwaited(key, entry) {
			delete(c.announced, key)
		}
	}
	namespaces, _ := c.namespaces.List(labels.Everything())
	for _, namespace := range namespaces {
		result.Namespaces[namespace.Name] = namespace.Labels
	}
	result.Policies, _ = c.policies.List(labels.Everything())
	return result, uids
}

// announcedFor gives the announced address of exactly this pod, not of a namesake before or after it.
func (c *Controller) announcedFor(key string, pod *corev1.Pod) netip.Addr {
	if entry, ok := c.announced[key]; ok && (entry.uid == "" || entry.uid == string(pod.UID)) {
		return entry.ip
	}
	return netip.Addr{}
}

func (c *Controller) isAwaited(key string, entry announcement) bool {
	for w := range c.waiters {
		if w.key == key && w.uid == entry.uid {
			return true
		}
	}
	return false
}

func (c *Controller) release(snapshot Snapshot, uids map[string]string) {
	covered := map[string]netip.Addr{}
	for _, pod := range snapshot.Pods {
		covered[pod.key()] = pod.IPs[0]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.waiters {
		if covered[w.key] == w.ip && (w.uid == "" || uids[w.key] == w.uid) {
			close(w.done)
			delete(c.waiters, w)
		}
	}
}

// Announce tells the address of a pod that is about to start, and returns when its rules are in the kernel.
func (c *Controller) Announce(ctx context.Context, key, uid, sandbox string, ip netip.Addr) error {
	w := &waiter{key: key, uid: uid, ip: ip, done: make(chan struct{})}
	c.mu.Lock()
	c.announced[key] = announcement{sandbox: sandbox, uid: uid, ip: ip}
	c.waiters[w] = struct{}{}
	c.mu.Unlock()
	c.touch()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiters, w)
		c.mu.Unlock()
		return fmt.Errorf("no rules for pod %s (%s) yet: %w", key, ip, ctx.Err())
	}
}

// Withdraw forgets the address of a sandbox that is gone.
func (c *Controller) Withdraw(key, sandbox string) {
	c.mu.Lock()
	if c.announced[key].sandbox == sandbox {
		delete(c.announced, key)
	}
	c.mu.Unlock()
	c.touch()
}
