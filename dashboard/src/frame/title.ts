/** The tab's title: where one is, and how many letters came while nobody looked. */
import { onScopeDispose, ref, watchEffect } from "vue";
import { useRoute } from "vue-router";
import { onHappening } from "@/api/live";
import { useMe } from "@/api/me";
import { t, type Word } from "@/words";

const PLACES: Record<string, Word> = { my: "my.title", held: "queue.held", search: "place.search", new: "place.new", health: "place.health", entry: "place.health", settings: "place.settings" };
const QUEUES = ["mine", "unassigned", "active", "frozen", "closed"] as const;

export function useTitle(): void {
  const route = useRoute();
  const { me } = useMe();
  const missed = ref(0);

  onHappening(({ kind, actor }) => {
    if (kind === "message" && document.hidden && actor !== me.value?.id) missed.value += 1;
  });
  const seen = () => !document.hidden && (missed.value = 0);
  document.addEventListener("visibilitychange", seen);
  onScopeDispose(() => document.removeEventListener("visibilitychange", seen));

  watchEffect(() => {
    const place = placeOf(String(route.name), route.params);
    document.title = `${missed.value ? `(${missed.value}) ` : ""}${place ? `${place} · ` : ""}${t("house.name")}`;
  });
}

function placeOf(name: string, params: Record<string, string | string[]>): string {
  const queue = QUEUES.find((one) => one === params.queue);
  if (typeof params.id === "string" && name !== "entry") return `#${params.id}`;
  if (queue) return t(`queue.${queue}`);
  const place = PLACES[name];
  return place ? t(place) : "";
}
