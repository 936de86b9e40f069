/** Something that plugins contribute, found by its id. */
export interface Extension {
  /** The name by which configurations and programs ask for it. */
  readonly id: string;
}

/** A kind of thing that plugins contribute. Its type belongs to the package that defines it. */
export interface ExtensionPoint<T extends Extension = Extension> {
  /** The key of a plugin under which contributions are listed, for example `boards`. */
  readonly key: string;
  /** What one of them is called in messages, for example `board`. */
  readonly title: string;
  /** The key of a node in the configuration that names one of them: an unknown name is then found before anything runs. */
  readonly nodeKey?: 'board' | 'os';
  /** Contributions are needed before there is a cluster, so they are objects: a class is refused. */
  readonly objectsOnly?: boolean;
  readonly __type?: T;
  /** What is wrong with a contribution, if anything is: for plugins in JavaScript, which no compiler has checked. */
  check?(extension: T): string | undefined;
}

/** Makes an extension point; the plugin of the package that defines it lists it in `extensionPoints`. */
export function defineExtensionPoint<T extends Extension>(
  point: Omit<ExtensionPoint<T>, '__type'>,
): ExtensionPoint<T> {
  return point;
}

/** What plugins have contributed, for those who ask by id. */
export interface Extensions {
  /** @throws PluginError `PLUGIN_NOT_FOUND` when no plugin brings it. */
  get<T extends Extension>(point: ExtensionPoint<T>, id: string): T;
  /** Every one of this kind, by id in alphabetical order. */
  all<T extends Extension>(point: ExtensionPoint<T>): readonly T[];
}
