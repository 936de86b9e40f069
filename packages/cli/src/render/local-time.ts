/** A time of this computer's zone for people, to the minute: `2026-03-01 18:05`. Nothing for what is no time. */
export function localTime(at: string | number | Date): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
