/** The parts of adaptive cards, version 1.4, that the service uses (graph.md §4.6). */
export interface AdaptiveCard {
  readonly $schema: "http://adaptivecards.io/schemas/adaptive-card.json";
  readonly type: "AdaptiveCard";
  readonly version: "1.4";
  /** What a client shows that cannot render the card. */
  readonly fallbackText: string;
  readonly refresh?: { readonly action: Execute; readonly userIds: readonly string[] };
  readonly body: readonly Element[];
  readonly actions?: readonly Action[];
}

export type Element = TextBlock | RichTextBlock | FactSet | ColumnSet | Container | InputText;
export type Action = Execute | OpenUrl;
export type Colour = "default" | "accent" | "good" | "warning" | "attention";

/** Understands Markdown: texts of people go through `literal` first. */
export interface TextBlock {
  readonly type: "TextBlock";
  readonly text: string;
  readonly wrap?: boolean;
  readonly weight?: "bolder";
  readonly size?: "small" | "medium" | "large";
  readonly color?: Colour;
  readonly isSubtle?: boolean;
  readonly spacing?: Spacing;
}

/** Shows its text as it is, without Markdown. */
export interface RichTextBlock {
  readonly type: "RichTextBlock";
  readonly inlines: readonly { readonly type: "TextRun"; readonly text: string; readonly italic?: boolean }[];
}

export interface FactSet {
  readonly type: "FactSet";
  readonly facts: readonly Fact[];
  readonly separator?: boolean;
}

export interface Fact {
  readonly title: string;
  readonly value: string;
}

export interface ColumnSet {
  readonly type: "ColumnSet";
  readonly columns: readonly Column[];
  readonly spacing?: Spacing;
}

export interface Column {
  readonly type: "Column";
  /** Weight beside the other columns, or as wide as its content. */
  readonly width: number | "auto" | "stretch";
  readonly items: readonly Element[];
  readonly style?: Style;
  readonly minHeight?: string;
  readonly verticalContentAlignment?: "center";
}

export interface Container {
  readonly type: "Container";
  readonly items: readonly Element[];
  readonly style?: Style;
  readonly bleed?: boolean;
  readonly spacing?: Spacing;
}

export interface InputText {
  readonly type: "Input.Text";
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly isMultiline: true;
  readonly maxLength: number;
}

export interface Execute {
  readonly type: "Action.Execute";
  readonly title: string;
  readonly verb: string;
  readonly data: { readonly approvalId: string; readonly rev: number };
  readonly style?: "positive" | "destructive";
}

export interface OpenUrl {
  readonly type: "Action.OpenUrl";
  readonly title: string;
  readonly url: string;
}

type Spacing = "none" | "small" | "medium";
type Style = "default" | "emphasis" | "good" | "attention" | "warning" | "accent";

/** A line of text that wraps. */
export function line(text: string, look: Omit<TextBlock, "type" | "text" | "wrap"> = {}): TextBlock {
  return { type: "TextBlock", text, wrap: true, ...look };
}

/** A text of people as it is, cut to `max` characters. */
export function quoted(text: string, max: number): RichTextBlock {
  return { type: "RichTextBlock", inlines: [{ type: "TextRun", text: clipped(text, max), italic: true }] };
}

/** Text as it is where Markdown is understood: links and emphasis that somebody typed stay text. */
export function literal(text: string): string {
  return text.replaceAll(/[\\`*_~[\]]/g, "\\$&").replaceAll(/\s+/g, " ");
}

/** At most `max` characters of a text. */
export function clipped(text: string, max: number): string {
  const letters = [...text];
  return letters.length <= max ? text : `${letters.slice(0, max - 1).join("")}…`;
}
