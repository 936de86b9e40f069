/** A text in which what stands between backquotes is a piece of code, as in the hints of errors. */
export function WithCode({ text }: { readonly text: string }) {
  return (
    <>
      {text
        .split(/`([^`\n]+)`/)
        .map((piece, index) => (index % 2 === 1 ? <code key={index}>{piece}</code> : piece))}
    </>
  );
}
