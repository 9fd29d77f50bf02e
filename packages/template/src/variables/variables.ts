/**
 * Values of template variables by name, e.g. `session.name`, `parameters.course`. Strings, but for parameters of type
 * `int` and `bool` (see `typedVariables`), which a whole-value reference inserts as what they are.
 */
export type Variables = Readonly<Record<string, VariableValue>>;

export type VariableValue = string | number | boolean;
