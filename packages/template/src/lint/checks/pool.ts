import { errorAt, type Check } from "../lint-facts.ts";

/** Time zones that this runtime does not know. */
export const pool: Check = ({ spec }) =>
  (spec.pool?.schedule ?? []).flatMap(({ timeZone, from, to }, index) => {
    const path = `spec.pool.schedule[${index}]`;
    return [
      ...(isTimeZone(timeZone)
        ? []
        : [
            errorAt(
              "time-zone",
              `${path}.timeZone`,
              `${timeZone} is no IANA time zone; write e.g. Europe/Berlin or UTC`,
            ),
          ]),
      ...(from === to
        ? [errorAt("schedule", path, `from and to are both ${from}: for a whole day write 00:00 and 23:59`)]
        : []),
    ];
  });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return true;
  } catch {
    return false;
  }
}
