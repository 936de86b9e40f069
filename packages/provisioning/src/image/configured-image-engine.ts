import { EXTENSIONS, type Extensions, inject, injectable } from '@turingpi/core/plugin';
import { LazyImageEngine } from '@turingpi/image/customization';
import { IMAGE_BACKENDS } from './image-backends.js';

/** The image engine with our own drivers, and with whatever backends the plugins bring. */
@injectable()
export class ConfiguredImageEngine extends LazyImageEngine {
  constructor(@inject(EXTENSIONS) extensions: Extensions) {
    super(() => extensions.all(IMAGE_BACKENDS));
  }
}
