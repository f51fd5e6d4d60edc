/** Tests a route value; undefined when the constraint is unknown. Throws when its arguments are wrong. */
export function constraint(name: string, args: string | undefined): ((value: string) => boolean) | undefined {
  const numbers = (args ?? "").split(",").map((part) => Number(part.trim()));
  const [first = Number.NaN, second = first] = numbers;
  const needNumbers = (): void => {
    if (args === undefined || numbers.some(Number.isNaN)) throw new Error(`constraint "${name}" needs numbers`);
  };
  switch (name.toLowerCase()) {
    case "int":
      return (value) => isWhole(value) && inRange(Number(value), -(2 ** 31), 2 ** 31 - 1);
    case "long":
      return (value) => isWhole(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value);
    case "bool":
      return (value) => /^(true|false)$/i.test(value);
    case "guid":
      return (value) => /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i.test(value);
    case "alpha":
      return (value) => /^[a-z]*$/i.test(value);
    case "datetime":
      return (value) => !Number.isNaN(Date.parse(value));
    case "decimal":
    case "double":
    case "float":
      return (value) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
    case "length":
      needNumbers();
      return (value) => inRange(value.length, first, second);
    case "minlength":
      needNumbers();
      return (value) => value.length >= first;
    case "maxlength":
      needNumbers();
      return (value) => value.length <= first;
    case "min":
      needNumbers();
      return (value) => isWhole(value) && Number(value) >= first;
    case "max":
      needNumbers();
      return (value) => isWhole(value) && Number(value) <= first;
    case "range":
      needNumbers();
      return (value) => isWhole(value) && inRange(Number(value), first, second);
    case "regex": {
      const expression = new RegExp(args ?? "", "i");
      return (value) => expression.test(value);
    }
    default:
      return undefined;
  }
}

function isWhole(value: string): boolean {
  return /^[+-]?\d+$/.test(value) && value.length < 21;
}

function inRange(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
