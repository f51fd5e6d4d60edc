import { markdown } from "./markdown.js";

const AC = window.AdaptiveCards;
const color = (name) => ({ default: `var(--${name})`, subtle: `var(--${name}-subtle)` });
const foregroundColors = {
  default: color("text"),
  dark: color("text"),
  light: color("text"),
  accent: color("accent"),
  attention: color("bad"),
  warning: color("warn"),
  good: color("good"),
};
const container = (name) => ({ backgroundColor: `var(--card-${name})`, foregroundColors });

const hostConfig = new AC.HostConfig({
  fontFamily: "inherit",
  spacing: { small: 4, default: 8, medium: 14, large: 20, extraLarge: 28, padding: 14 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  fontSizes: { small: 12, default: 14, medium: 16, large: 19, extraLarge: 24 },
  fontWeights: { lighter: 300, default: 400, bolder: 600 },
  supportsInteractivity: true,
  containerStyles: {
    default: container("default"),
    emphasis: container("emphasis"),
    good: container("good"),
    attention: container("attention"),
    warning: container("warning"),
    accent: container("accent"),
  },
  actions: { maxActions: 6, buttonSpacing: 8, actionsOrientation: "horizontal", actionAlignment: "left" },
  factSet: { title: { weight: "bolder", wrap: true, maxWidth: 200 }, value: { wrap: true }, spacing: 14 },
});

AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown(text);
  result.didProcess = true;
};

/** The address of a link of a card; the local console opens with its key, as the address in the terminal does. */
function addressOf(url, { url: consoleUrl, key }) {
  const address = new URL(url);
  if (address.origin === new URL(consoleUrl).origin) address.searchParams.set("code", key);
  return address.href;
}

/** By person and message the card drawn last: what it says, its node, and its inputs with what was typed into them. */
const drawn = new Map();

/**
 * The node of a card. `key` names person and message: a card that says the same keeps its node, and what was typed into
 * the inputs of another one before goes on in this one. `onExecute` is told of a pressed Action.Execute: its verb, title,
 * and data with the inputs merged in.
 */
export function renderCard(card, key, consoleLink, onExecute) {
  const says = JSON.stringify(card);
  const before = drawn.get(key);
  if (before?.says === says) return before.node;
  const adaptive = new AC.AdaptiveCard();
  adaptive.hostConfig = hostConfig;
  adaptive.onExecuteAction = (action) => {
    if (action instanceof AC.ExecuteAction) {
      onExecute({ verb: action.verb ?? "", title: action.title ?? "", data: action.data ?? {} });
    }
    if (action instanceof AC.OpenUrlAction && /^https?:/.test(action.url)) {
      window.open(addressOf(action.url, consoleLink), "_blank", "noopener");
    }
  };
  adaptive.parse(card);
  const typed = new Map(before?.typed);
  for (const { id, value } of before?.adaptive.getAllInputs() ?? []) typed.set(id, value);
  for (const input of adaptive.getAllInputs()) {
    const value = typed.get(input.id);
    if (value !== undefined && value !== "") input.defaultValue = value;
  }
  const node = adaptive.render() ?? document.createElement("div");
  drawn.set(key, { says, adaptive, typed, node });
  return node;
}
