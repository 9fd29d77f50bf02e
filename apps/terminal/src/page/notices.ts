import { endReasonText } from "./end-reason.ts";
import { element } from "./element.ts";

/** What the page says over the terminals: a line that comes and goes, and a last word that stays. */
export class Notices {
  readonly #banner = element("banner");
  readonly #bannerText = element("banner-text");
  readonly #retry = element("retry");
  readonly #final = element("final");
  #isFinal = false;

  constructor(onRetry: () => void) {
    this.#retry.addEventListener("click", onRetry);
    element("reload").addEventListener("click", () => location.reload());
  }

  /** True once a last word has been said. */
  get isFinal(): boolean {
    return this.#isFinal;
  }

  /** Shows a line, with or without a button to try again at once. */
  show(text: string, canRetry: boolean): void {
    if (this.#isFinal) return;
    if (this.#bannerText.textContent !== text) this.#bannerText.textContent = text;
    this.#retry.hidden = !canRetry;
    this.#banner.hidden = false;
  }

  hide(): void {
    this.#banner.hidden = true;
    this.#bannerText.textContent = "";
  }

  ended(reason: string): void {
    this.#sayFinally("This session has ended", endReasonText(reason), false);
  }

  signedOut(forbidden: boolean): void {
    if (forbidden) this.#sayFinally("No access", "You may no longer use this workspace.", true);
    else this.#sayFinally("Signed out", "Reload to sign in again. Your shells keep running.", true);
  }

  #sayFinally(title: string, text: string, canReload: boolean): void {
    this.hide();
    this.#isFinal = true;
    element("final-title").textContent = title;
    element("final-text").textContent = text;
    element("reload").hidden = !canReload;
    this.#final.hidden = false;
    element("workspace").inert = true;
    (canReload ? element("reload") : element("final-card")).focus();
    document.title = title;
  }
}
