/** The text of a shell script, written as a template: `\${` stands for `${`, every other character for itself. */
export function shellText({ raw }: TemplateStringsArray): string {
  return raw.join('').replaceAll('\\${', '${');
}
