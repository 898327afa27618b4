import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";

const desk = { frame: true };
const staff = { frame: true, staff: true };
// The journal stays as it is while one of its mails is explained.
const health = { frame: true, staff: true, room: "health" };
// A list keeps its place while a ticket opens beside it.
const queue = { frame: true, staff: true, room: "queue" };
const routes: RouteRecordRaw[] = [
  { path: "/", name: "home", component: () => import("@/pages/Home.vue"), meta: desk },
  { path: "/signin", name: "signin", component: () => import("@/pages/gate/SignIn.vue") },
  { path: "/register", name: "register", component: () => import("@/pages/gate/Register.vue") },
  { path: "/forgot", name: "forgot", component: () => import("@/pages/gate/Forgot.vue") },
  { path: "/reset/:token", name: "reset", component: () => import("@/pages/gate/Reset.vue"), props: true },
  { path: "/q/held", name: "held", component: () => import("@/pages/queue/Held.vue"), meta: staff },
  { path: "/q/:queue(mine|unassigned|active|frozen|closed)", name: "queue", component: () => import("@/pages/queue/Desk.vue"), meta: queue },
  { path: "/q/:queue(mine|unassigned|active|frozen|closed)/t/:id(\\d+)", name: "split", component: () => import("@/pages/queue/Desk.vue"), meta: queue },
  { path: "/t/:id(\\d+)", name: "ticket", component: () => import("@/pages/ticket/Alone.vue"), meta: desk },
  { path: "/search", name: "search", component: () => import("@/pages/search/Search.vue"), meta: desk },
  { path: "/new", name: "new", component: () => import("@/pages/composer/NewTicket.vue"), meta: desk },
  { path: "/health", name: "health", component: () => import("@/pages/health/Health.vue"), meta: health },
  { path: "/health/journal/:id(\\d+)", name: "entry", component: () => import("@/pages/health/Health.vue"), meta: health },
  { path: "/settings/:section?", name: "settings", component: () => import("@/pages/settings/Settings.vue"), meta: desk },
  { path: "/my", name: "my", component: () => import("@/pages/queue/My.vue"), meta: desk },
  { path: "/my/:id(\\d+)", name: "mine", component: () => import("@/pages/ticket/Alone.vue"), meta: desk },
  { path: "/:rest(.*)*", name: "nowhere", component: () => import("@/pages/Nowhere.vue"), meta: desk },
];

export const router = createRouter({ history: createWebHistory(), routes });
