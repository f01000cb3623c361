"use strict";
// The page is whole without this script; it adds the names of languages, the
// filter, and pictures in full size.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Names of languages come from the browser, in English and as their speakers
  // call them.
  const languageName = (tag, locale) => {
    try {
      return new Intl.DisplayNames([locale], { type: "language", fallback: "none" }).of(tag) || "";
    } catch {
      return "";
    }
  };
  for (const place of all("[data-language]")) {
    const tag = place.dataset.language;
    place.textContent = languageName(tag, "en");
    place.dataset.terms = languageName(tag, tag);
  }

  // Without marks above letters, so that "francais" finds "français".
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const terms = (card) => {
    const words = [];
    for (const language of all(".language", card)) {
      const tag = fold(language.querySelector(".tag").textContent);
      const name = language.querySelector(".language-name");
      const text = name ? `${name.textContent} ${name.dataset.terms}` : "";
      words.push(tag, ...tag.split("-"), ...fold(text).split(/[^\p{L}\p{N}]+/u));
    }
    return words.filter(Boolean);
  };
  const products = all("[data-product]").map((element) => ({
    element,
    link: document.querySelector(`[data-product-link="${element.id}"]`),
    cards: all("[data-listing]", element).map((card) => ({
      element: card,
      jump: element.querySelector(`[data-jump="${card.id}"]`),
      terms: terms(card),
      open: card.open,
    })),
  }));
  const cards = products.flatMap((product) => product.cards);
  const languages = cards.reduce((sum, card) => sum + all(".language", card.element).length, 0);

  const input = document.getElementById("find");
  const found = document.getElementById("found");
  const openAtMost = 12;
  let filtering = false;

  const filter = () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    const active = words.length > 0;
    if (active && !filtering) {
      for (const card of cards) card.open = card.element.open;
    }
    const matches = new Set(cards.filter((card) => words.every((word) => card.terms.some((term) => term.startsWith(word)))));
    for (const card of cards) {
      const match = matches.has(card);
      card.element.hidden = !match;
      if (card.jump) card.jump.hidden = !match;
      if (active) card.element.open = match && matches.size <= openAtMost;
      else if (filtering) card.element.open = card.open;
    }
    for (const product of products) {
      const some = product.cards.some((card) => matches.has(card));
      product.element.hidden = active && !some;
      if (product.link) product.link.hidden = active && !some;
    }
    filtering = active;
    document.documentElement.classList.toggle("filtering", active);
    const shown = [...matches].reduce((sum, card) => sum + all(".language", card.element).length, 0);
    found.textContent = active ? `${shown} of ${languages}` : "";
  };
  if (cards.length > 0) {
    document.querySelector(".find").hidden = false;
    input.addEventListener("input", filter);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        input.value = "";
        filter();
        input.blur();
      } else if (event.key === "Enter") {
        const first = cards.find((card) => !card.element.hidden);
        if (first) {
          first.element.open = true;
          first.element.scrollIntoView({ block: "start" });
          first.element.querySelector("summary").focus({ preventScroll: true });
        }
      }
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLInputElement && event.target.type !== "radio";
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.focus();
        input.select();
      }
    });
  }

  // A link to a folded card opens it.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  // On paper everything is unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });

  // Pictures open in full size.
  const dialog = document.createElement("dialog");
  dialog.className = "zoom";
  dialog.addEventListener("click", () => dialog.close());
  const zoom = (picture) => {
    const copy = picture.cloneNode(true);
    copy.removeAttribute("tabindex");
    copy.removeAttribute("data-picture");
    copy.setAttribute("role", "img");
    dialog.setAttribute("aria-label", picture.getAttribute("aria-label"));
    dialog.replaceChildren(copy);
    dialog.showModal();
  };
  document.body.append(dialog);
  for (const picture of all("[data-picture]")) {
    picture.setAttribute("role", "button");
    picture.setAttribute("tabindex", "0");
    picture.addEventListener("click", () => zoom(picture));
    picture.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        zoom(picture);
      }
    });
  }
})();
