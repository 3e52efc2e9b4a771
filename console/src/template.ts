// Dashboard templates: JSON texts that people and other programs write, so nothing in them is taken for granted.

import type { Scope } from "./subject";

export interface MetricConfig {
  readonly label?: string;
  readonly unit?: string;
}

export interface Graph {
  readonly type?: string;
  readonly dashboardName?: string;
  readonly showGroup?: boolean;
  readonly content?: string;
  readonly url?: string;
  readonly textAlign?: string;
  readonly fontColor?: string;
  readonly backgroundColor?: string;
  readonly fontSize?: number;
  readonly opacity?: number;
  readonly step?: boolean;
  readonly showUnit?: boolean;
  readonly showDepth?: boolean;
  readonly depth?: number;
  readonly color?: string;
  readonly tableHeaderCol1?: string;
  readonly tableHeaderCol2?: string;
  readonly showTableValues?: boolean;
}

export interface TabPage {
  readonly name: string;
  readonly expression?: string;
  readonly children: readonly Widget[];
}

export interface Widget {
  readonly i: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly type: string;
  readonly graph: Graph;
  readonly title: string;
  readonly tips: string;
  readonly expressions: readonly string[];
  readonly subExpressions: readonly string[];
  readonly metricConfig: readonly MetricConfig[];
  readonly associate: readonly string[];
  readonly valueRelatedDashboard: string;
  readonly tabs: readonly TabPage[];
  readonly nodeExpressions: readonly string[];
  readonly nodeMetricConfig: readonly MetricConfig[];
  readonly linkServerExpressions: readonly string[];
  readonly linkServerMetricConfig: readonly MetricConfig[];
  readonly linkClientExpressions: readonly string[];
  readonly linkClientMetricConfig: readonly MetricConfig[];
  readonly legend: string;
  readonly healthy: string;
  readonly unhealthy: string;
  readonly linkDashboard: string;
  readonly nodeDashboard: readonly { readonly scope: string; readonly dashboard: string }[];
}

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly layer: string;
  readonly entity: string;
  readonly isRoot: boolean;
  readonly isDefault: boolean;
  readonly children: readonly Widget[];
}

/** A template as the server sends it; null when its text cannot be read, so that the others still show. */
export function parseTemplate(id: string, configuration: string): Template | null {
  let tree: unknown;
  try {
    tree = JSON.parse(configuration);
  } catch {
    return null;
  }
  const found = object(tree);
  const name = found["name"];
  if (typeof name !== "string" || !name) return null;
  return {
    id,
    name,
    layer: text(found["layer"]),
    entity: text(found["entity"]),
    isRoot: found["isRoot"] === true,
    isDefault: found["isDefault"] === true,
    children: list(found["children"]).map(widgetOf),
  };
}

/** The first page of a layer: its root by upper-cased name. */
export function rootOf(templates: readonly Template[], layer: string): Template | undefined {
  const roots = templates.filter((one) => one.layer === layer && one.isRoot && (one.entity === "All" || one.entity === "Service"));
  return [...roots].sort((a, b) => (a.name.toUpperCase() < b.name.toUpperCase() ? -1 : 1))[0];
}

/** The template of a layer, scope and name, or without a name that the layer shows by default. */
export function find(templates: readonly Template[], layer: string, scope: Scope, name = ""): Template | undefined {
  const fitting = templates.filter((one) => one.layer === layer && one.entity === scope);
  return name ? fitting.find((one) => one.name === name) : (fitting.find((one) => one.isDefault) ?? fitting[0]);
}

function widgetOf(value: unknown, at: number): Widget {
  const found = object(value);
  const words = object(found["widget"]);
  const description = object(found["description"]);
  const type = text(found["type"]);
  return {
    i: text(found["i"]) || String(at),
    x: number(found["x"], 0),
    y: number(found["y"], at * 20),
    w: number(found["w"], 24),
    h: number(found["h"], 20),
    type,
    graph: object(found["graph"]),
    title: text(words["title"]) || text(words["name"]),
    tips: text(words["tips"]),
    expressions: texts(found["expressions"]),
    subExpressions: texts(found["subExpressions"]),
    metricConfig: configs(found["metricConfig"]),
    associate: list(found["associate"]).map((one) => text(object(one)["widgetId"])),
    valueRelatedDashboard: text(found["valueRelatedDashboard"]),
    tabs: type === "Tab" ? list(found["children"]).map(tabOf) : [],
    nodeExpressions: texts(found["nodeExpressions"]),
    nodeMetricConfig: configs(found["nodeMetricConfig"]),
    linkServerExpressions: texts(found["linkServerExpressions"]),
    linkServerMetricConfig: configs(found["linkServerMetricConfig"]),
    linkClientExpressions: texts(found["linkClientExpressions"]),
    linkClientMetricConfig: configs(found["linkClientMetricConfig"]),
    legend: text(object(found["legendMQE"])["expression"]),
    healthy: text(description["healthy"]),
    unhealthy: text(description["unhealthy"]),
    linkDashboard: text(found["linkDashboard"]),
    nodeDashboard: list(found["nodeDashboard"]).map((one) => ({ scope: text(object(one)["scope"]), dashboard: text(object(one)["dashboard"]) })),
  };
}

function tabOf(value: unknown, at: number): TabPage {
  const found = object(value);
  const expression = text(found["expression"]);
  return { name: text(found["name"]) || `Tab ${at + 1}`, children: list(found["children"]).map(widgetOf), ...(expression ? { expression } : {}) };
}

type Tree = Readonly<Record<string, unknown>>;

const object = (value: unknown): Tree => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Tree) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");
const texts = (value: unknown): readonly string[] => list(value).map(text).filter(Boolean);
const number = (value: unknown, otherwise: number): number => (typeof value === "number" && Number.isFinite(value) ? value : otherwise);

function configs(value: unknown): readonly MetricConfig[] {
  return list(value).map((one) => {
    const found = object(one);
    return { label: text(found["label"]), unit: text(found["unit"]) };
  });
}
