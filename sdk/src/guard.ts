/** The promise that the SDK never throws into the page: every function that the page or the browser calls passes here. */
export const guard =
  <A extends unknown[], R>(action: (...args: A) => R) =>
  (...args: A): R => {
    const report = (error: unknown): R => {
      console.warn(error);
      return null as R;
    };
    try {
      const result = action(...args);
      return result instanceof Promise ? (result.catch(report) as R) : result;
    } catch (error) {
      return report(error);
    }
  };
