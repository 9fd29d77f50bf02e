type Values<T extends readonly Promise<unknown>[]> = { -readonly [Index in keyof T]: Awaited<T[Index]> };

/**
 * Waits for every promise, also after one has failed, so that no call goes on behind the back of whoever tries again.
 * @throws what the first failed one in order threw.
 */
export async function settleAll<const T extends readonly Promise<unknown>[]>(promises: T): Promise<Values<T>> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  }) as Values<T>;
}
