/** The queue that somebody looked at last: where `/` leads. */
export const QUEUES = ["mine", "unassigned", "active", "frozen", "closed"] as const;
export type Queue = (typeof QUEUES)[number];

export function lastQueue(): Queue {
  const kept = localStorage.getItem("desk.queue");
  return QUEUES.find((queue) => queue === kept) ?? "mine";
}

export function keepQueue(queue: Queue): void {
  localStorage.setItem("desk.queue", queue);
}
