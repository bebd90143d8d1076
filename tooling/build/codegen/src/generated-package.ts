/** A package that generated files are written for, and the names that they use there. */
export interface GeneratedPackage {
  /** Folder of the package, from the root. */
  readonly folder: string;
  /** Module with the type `Operation`. */
  readonly operationTypes: string;
  /** Module with the types `OperationFacts` and `ModelSchema`. */
  readonly factTypes: string;
  readonly idType: string;
  readonly operations: string;
  readonly facts: string;
  readonly schemas: string;
  /** Whether the package has the typed client face. */
  readonly face: boolean;
}

/** Every package with a specification. */
export const generatedPackages: readonly GeneratedPackage[] = [
  {
    folder: "packages/core/",
    operationTypes: "../wire/operation.ts",
    factTypes: "../wire/operation-facts.ts",
    idType: "OperationId",
    operations: "operations",
    facts: "operationFacts",
    schemas: "modelSchemas",
    face: true,
  },
  {
    folder: "packages/simulator/",
    operationTypes: "@carrel/core/operations",
    factTypes: "@carrel/core/operations",
    idType: "UpdateOperationId",
    operations: "updateOperations",
    facts: "updateOperationFacts",
    schemas: "updateModelSchemas",
    face: false,
  },
];
