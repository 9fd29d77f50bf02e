import { CREATES_CONSUMER, PROVISIONER_QUEUE, SERVICE_NAME, SESSION_OPERATIONS, subjects } from "@carrel/api";
import type { Announced, Messaging } from "@carrel/messaging";

/** Version of the contract that `carrel.v1` stands for. */
const CONTRACT_VERSION = "1.0.0";

/** Lets NATS' discovery find this provisioner, and counts what it answers. */
export function announceRequests(messaging: Messaging): Announced {
  return messaging.announce({
    name: SERVICE_NAME,
    version: CONTRACT_VERSION,
    description: "Carrel: sessions of hosted workspaces",
    endpoints: [
      ...SESSION_OPERATIONS.map((operation) => ({
        name: operation,
        subject: subjects.requests(operation),
        queueGroup: PROVISIONER_QUEUE,
      })),
      { name: "create-async", subject: subjects.asyncCreate("*"), queueGroup: CREATES_CONSUMER },
    ],
  });
}
