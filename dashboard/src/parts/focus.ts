/** A dialog gives the focus back to what had it before. Reka does so for its own triggers alone, and keys have none. */
export function useFocusBack() {
  let before = document.activeElement;

  /** What is in the dialog may have taken the focus by itself already. */
  function remember(opened: Event): void {
    const inside = opened.target instanceof Node && opened.target.contains(document.activeElement);
    if (!inside) before = document.activeElement;
  }

  /** Where what was done has put the focus elsewhere, it stays there. */
  function giveBack(): void {
    if (before instanceof HTMLElement && document.activeElement === document.body) before.focus({ preventScroll: true });
  }
  return {
    onOpenAutoFocus: remember,
    onCloseAutoFocus: () => void setTimeout(giveBack),
  };
}
