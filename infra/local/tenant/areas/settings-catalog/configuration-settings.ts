import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, Json, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import { DEFINITIONS, type Definition, definitionOf, type Option, parentOf } from "./definitions.js";

const service = Service.intune;
const PATH = "/deviceManagement/configurationSettings";
const TYPE = "#microsoft.graph.deviceManagementConfiguration";
const shape = { project: definitionJson, context: "deviceManagement/configurationSettings" } as const;

/** The definitions of the settings catalog, to resolve ids at run time (graph.md §2.8). */
export function configurationSettingRoutes(): Route[] {
  const read = { service, needs: needs.readConfiguration, only: "beta", method: "GET" } as const;
  return [
    { ...read, path: PATH, handle: (request) => answerList(request, { ...shape, rows: DEFINITIONS }) },
    { ...read, path: `${PATH}/{id}`, handle: (request) => answerItem(request, named(request), shape) },
  ];
}

function named(request: GraphRequest): Definition {
  const id = request.params.id ?? "";
  const definition = definitionOf(id);
  if (definition === undefined) throw notFound(service, id);
  return definition;
}

function definitionJson(definition: Definition): Json {
  const parent = parentOf(definition.id);
  const dependentOn =
    parent === undefined ? [] : [{ dependentOn: parent.option, parentSettingId: parent.setting, type: "requires" }];
  const common = {
    id: definition.id,
    name: definition.id.split("_").at(-1) ?? definition.id,
    displayName: definition.displayName,
    description: definition.displayName,
    keywords: [],
    rootDefinitionId: parent?.setting ?? definition.id,
    settingUsage: "configuration",
  };
  if (definition.kind === "choice") {
    const options = definition.options.map((option) => optionJson(option, dependentOn));
    return { "@odata.type": `${TYPE}ChoiceSettingDefinition`, ...common, defaultOptionId: null, options };
  }
  const simple = { "@odata.type": `${TYPE}SimpleSettingDefinition`, ...common, dependentOn };
  return { ...simple, valueDefinition: valueDefinition(definition) };
}

function optionJson({ id, displayName, child }: Option, dependentOn: readonly Json[]): Json {
  const dependedOnBy = child === undefined ? [] : [{ dependedOnBy: child, required: true }];
  return { itemId: id, name: displayName, displayName, dependentOn, dependedOnBy };
}

function valueDefinition(definition: Exclude<Definition, { kind: "choice" }>): Json {
  if (definition.kind === "string") return { "@odata.type": `${TYPE}StringSettingValueDefinition` };
  const { minimum, maximum } = definition;
  return {
    "@odata.type": `${TYPE}IntegerSettingValueDefinition`,
    minimumValue: minimum,
    maximumValue: maximum,
  };
}
