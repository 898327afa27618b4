/** Files that only staff may read are asked for with the token and handed to the browser to save. */
import { authorized } from "@/api/client";

export async function rawMail(address: string, name: string): Promise<void> {
  const bytes = await (await authorized(address)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export async function rawText(address: string): Promise<string> {
  return (await authorized(address)).text();
}
