const ISO_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z(?![\w-])/g;

/** A text for people in which each time, as records have it, is one of this computer's zone. */
export function withLocalTimes(text: string): string {
  return text.replaceAll(ISO_TIME, (time) => localTime(time) || time);
}

/** A time of this computer's zone for people, to the minute: `2026-03-01 18:05`. Nothing for what is no time. */
export function localTime(at: string | number | Date): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
