import { BackendImageEngine, editImageFile } from '@turingpi/image';

/** Makes an image of its own for a host, from any `.img` or `.img.xz`, which stays as it is. */
export async function editImage(
  input: string,
  output: string,
  options: { readonly hostname: string; readonly cacheDir: string; readonly signal: AbortSignal },
): Promise<string> {
  const { hostname, cacheDir, signal } = options;
  const { image } = await editImageFile(
    new BackendImageEngine(),
    input,
    output,
    async (root) => {
      await root.writeFile('/etc/hostname', `${hostname}\n`);
      await root.writeFile('/usr/local/bin/hello', '#!/bin/sh\necho hello\n', { mode: 0o755 });
      await root.partition('CIDATA').writeFile('/meta-data', `instance-id: ${hostname}\n`);
    },
    { cacheDir, signal },
  );
  return image.sha256;
}
