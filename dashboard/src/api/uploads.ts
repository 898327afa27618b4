/** Files on their way to the server, each with its progress; XMLHttpRequest tells it, fetch does not. */
import { reactive } from "vue";
import type { Schema } from "@/api/client";
import { Problem } from "@/api/problem";
import { token } from "@/api/session";

export type Uploaded = Schema<"UploadRecord">;

export interface Uploading {
  key: number;
  file: File;
  /** 0 to 1. */
  progress: number;
  failed: string | null;
  cancel: () => void;
}

let keys = 0;

export function useUploads(arrived: (file: Uploaded) => void) {
  const going = reactive(new Map<number, Uploading>());

  function add(file: File): void {
    void send({ key: ++keys, file, progress: 0, failed: null, cancel: () => undefined });
  }

  async function send(upload: Uploading): Promise<void> {
    const request = new XMLHttpRequest();
    going.set(upload.key, { ...upload, failed: null, progress: 0, cancel: () => (request.abort(), going.delete(upload.key)) });
    request.open("POST", `/api/uploads?filename=${encodeURIComponent(upload.file.name)}`);
    request.setRequestHeader("Content-Type", upload.file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => {
      const now = going.get(upload.key);
      if (now) now.progress = loaded / total;
    };
    request.onload = () => settle(upload, request);
    request.onerror = () => fail(upload, "");
    const held = await token().catch(() => null);
    if (!going.has(upload.key)) return; // cancelled meanwhile
    request.setRequestHeader("Authorization", `Bearer ${held ?? ""}`);
    request.send(upload.file);
  }

  function settle(upload: Uploading, request: XMLHttpRequest): void {
    if (request.status === 201) {
      going.delete(upload.key);
      arrived(JSON.parse(request.responseText) as Uploaded);
    } else fail(upload, refusal(request));
  }

  function fail(upload: Uploading, why: string): void {
    const now = going.get(upload.key);
    if (now) now.failed = why;
  }

  return { going, add, again: (upload: Uploading) => void send(upload) };
}

function refusal(request: XMLHttpRequest): string {
  try {
    return new Problem(JSON.parse(request.responseText) as Problem["document"]).message;
  } catch {
    return request.statusText;
  }
}
