interface ProgressBarProps {
  /** In parts of 1; missing where the whole is not known. */
  readonly fraction: number | undefined;
  readonly label: string;
}

export function ProgressBar({ fraction, label }: ProgressBarProps) {
  return fraction === undefined ? (
    <progress class="unknown" aria-label={label} />
  ) : (
    <progress max={1} value={fraction} aria-label={label} />
  );
}
