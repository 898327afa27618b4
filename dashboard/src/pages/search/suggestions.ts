/** What may follow what is being typed: operators, their real values, and on an empty field the last searches. */
import { computed, type Ref } from "vue";
import { useMe } from "@/api/me";
import { usePeople, useTags } from "@/api/people";
import { useStaff } from "@/api/ticket";
import type { Glyph } from "@/parts/glyphs";
import { matching, type Option } from "@/parts/options";
import { lastSearches } from "@/pages/search/lastSearches";
import { fixedValues, type Name, namesFor, type Part, spell } from "@/pages/search/operators";
import { t } from "@/words";

/** An operator that is complete; the beginning of one; or a whole search. */
export type Suggestion = { kind: "chip" | "begin" | "query"; text: string };

const DAYS = [0, 7, 30, 365];
const DAY = 86_400_000; // ms
const ENOUGH = 2; // letters of an operator's name

/**
 * @param part What the caret stands in.
 * @param empty Whether nothing is typed at all.
 */
export function useSuggestions(part: Ref<Part | undefined>, empty: Ref<boolean>, open: Ref<boolean>): Ref<Option<Suggestion>[]> {
  const { me, staff } = useMe();
  const value = computed(() => part.value?.value ?? "");
  const asks = (...names: Name[]) => computed(() => open.value && staff.value && names.some((name) => name === part.value?.name));
  const { data: people } = usePeople(value, asks("from", "to"));
  const { data: tags } = useTags(value, asks("tag"));
  const { data: colleagues } = useStaff();

  return computed(() => {
    if (!open.value) return [];
    if (empty.value) return me.value ? lastSearches(me.value.id).map((text) => ({ value: { kind: "query", text }, words: text, glyph: "clock" })) : [];
    const { name, negated, text } = part.value ?? {};
    if (text === undefined) return [];
    if (name === undefined) return text.length < ENOUGH ? [] : begins(text, staff.value);
    const chip = (taken: string, words = taken, hint?: string, glyph?: Glyph): Option<Suggestion> => ({ value: { kind: "chip", text: spell(name, taken, negated) }, words, hint, glyph });
    if (name === "from" || name === "to") return (people.value ?? []).map((person) => chip(person.email ?? person.name, person.name || (person.email ?? ""), person.email ?? undefined, "user"));
    if (name === "tag") return (tags.value ?? []).map(({ tag, tickets }) => chip(tag, tag, String(tickets), "tag"));
    if (name === "before" || name === "after") return matching(days().map((day) => chip(day.date, day.date, day.said, "clock")), value.value);
    if (name === "assignee") {
      const fixed = [chip("me", "me", t("pick.me")), chip("none", "none", t("row.nobody"))];
      return matching([...fixed, ...(colleagues.value ?? []).map((one) => chip(one.username ?? one.name, one.name, one.username ?? undefined, "user"))], value.value);
    }
    return matching(fixedValues(name, staff.value).map((one) => chip(one)), value.value);
  });
}

function begins(text: string, staff: boolean): Option<Suggestion>[] {
  const minus = text.startsWith("-") ? "-" : "";
  const typed = text.slice(minus.length).toLowerCase();
  const names = namesFor(staff).filter((name) => typed.length >= ENOUGH && name.startsWith(typed));
  return names.map((name) => ({ value: { kind: "begin", text: `${minus}${name}:` }, words: `${name}:`, hint: t(`operator.${name}`) }));
}

function days(): { date: string; said: string }[] {
  return DAYS.map((ago) => ({ date: new Date(Date.now() - ago * DAY).toLocaleDateString("sv-SE"), said: t("search.daysAgo", { days: ago }) }));
}
