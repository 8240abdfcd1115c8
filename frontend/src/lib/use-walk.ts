import { useCallback, useMemo, useState } from "react";

export interface Walk {
  current: number | null;
  move: (by: number) => void;
  stand: (place: number) => void;
}

/** Where one stands in a list of so many rows. */
export function useWalk(count: number): Walk {
  const [current, setCurrent] = useState<number | null>(null);
  const move = useCallback(
    (by: number) =>
      setCurrent((place) => Math.min(Math.max(place === null ? 0 : place + by, 0), Math.max(count - 1, 0))),
    [count],
  );
  return useMemo(() => ({ current, move, stand: setCurrent }), [current, move]);
}
