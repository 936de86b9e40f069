/* For tests whose file stands for a device: below /dev, where memory for files is, it would be taken for a real one. */
if (process.env['TMPDIR']?.startsWith('/dev/') === true) delete process.env['TMPDIR'];
