/** Carrel's services, by the name of their ServiceAccount. */
export const CARREL_SERVICES = ["provisioner", "reaper", "webhook"] as const;
export type CarrelService = (typeof CARREL_SERVICES)[number];

/** What somebody is to Carrel. Everybody who is nothing else is a learner: the rules then hold in full. */
export type ActorRole =
  /** One of Carrel's own services. */
  | "carrel"
  /** A controller of Kubernetes itself, or one that the operator trusts by name. */
  | "controller"
  | "scheduler"
  /** A kubelet. */
  | "node"
  /** The API server acting for itself, e.g. its quota plug-in. */
  | "apiserver"
  /** An administrator of the cluster. */
  | "operator"
  /** The author of a template, by an object of the template that the provisioner creates. */
  | "author"
  | "learner";

export interface Actor {
  readonly role: ActorRole;
  /** Which of Carrel's services; only with role `carrel`. */
  readonly service?: CarrelService;
}
