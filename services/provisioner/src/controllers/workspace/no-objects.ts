import type { ObjectsEngine } from "./objects-port.ts";

/** For processes without an engine: a template that brings objects or secrets along fails, and says so. */
export const NO_OBJECTS: ObjectsEngine = {
  reconcile({ template }) {
    const none = template.objects.length === 0 && template.secrets.length === 0;
    return Promise.resolve({
      objects: [],
      outputs: {},
      done: none,
      ...(none ? {} : { failure: "this provisioner applies no objects" }),
    });
  },
  forget() {},
};
