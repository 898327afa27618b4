import { VueQueryPlugin } from "@tanstack/vue-query";
import { createApp } from "vue";
import App from "@/App.vue";
import { queryClient } from "@/api/queries";
import { applyLook } from "@/frame/look";
import { router } from "@/router";
import "@/styles/index.css";

applyLook();
createApp(App).use(router).use(VueQueryPlugin, { queryClient }).mount("#desk");
