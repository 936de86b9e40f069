import { join } from 'node:path/posix';
import ssh2 from 'ssh2';
import type { Attributes, FileEntry, SFTPWrapper } from 'ssh2';
import type { FileAttributes, FileStat } from '@turingpi/image';
import { modeText } from '../command/file-mode.js';
import { FileFailure } from '../system/file-failure.js';
import type { Identity } from '../system/identity.js';
import type { NodeFiles } from '../system/node-files.js';
import type { NodeSystem } from '../system/node-system.js';
import { OpenHandles } from './open-handles.js';

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;
const TYPE_BITS: Readonly<Record<FileStat['type'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  'character-device': 0o020000,
  'block-device': 0o060000,
  fifo: 0o010000,
  socket: 0o140000,
};

/** Serves SFTP version 3 over a node's files, with the permissions of the user who is logged in. */
export function serveSftp(system: NodeSystem, identity: Identity, sftp: SFTPWrapper): void {
  const files = system.files(identity);
  const handles = new OpenHandles(files);
  const path = (given: string): string => (given.startsWith('/') ? given : join(identity.home, given));

  /** Answers when the work is done; failures become status codes. */
  const answer = (id: number, work: () => Promise<void>): void => {
    work().catch((error: unknown) => {
      const failure = FileFailure.from(error, '');
      const code =
        failure.code === 'ENOENT'
          ? STATUS_CODE.NO_SUCH_FILE
          : failure.code === 'EACCES' || failure.code === 'EPERM'
            ? STATUS_CODE.PERMISSION_DENIED
            : STATUS_CODE.FAILURE;
      if (!system.signal.aborted) sftp.status(id, code, failure.message);
    });
  };
  const done = (id: number, work: () => Promise<unknown>): void =>
    answer(id, async () => {
      await work();
      await system.sync();
      sftp.status(id, STATUS_CODE.OK);
    });
  const attributes = (id: number, work: () => Promise<FileStat>): void =>
    answer(id, async () => sftp.attrs(id, attributesOf(await work())));

  sftp.on('OPEN', (id, name, flags, attrs) =>
    answer(id, async () => {
      const handle = await handles.openFile(path(name), {
        read: (flags & OPEN_MODE.READ) !== 0,
        write: (flags & (OPEN_MODE.WRITE | OPEN_MODE.APPEND)) !== 0,
        append: (flags & OPEN_MODE.APPEND) !== 0,
        create: (flags & OPEN_MODE.CREAT) !== 0,
        truncate: (flags & OPEN_MODE.TRUNC) !== 0,
        exclusive: (flags & OPEN_MODE.EXCL) !== 0,
        mode: modeOf(attrs) ?? 0o644,
      });
      sftp.handle(id, handle);
    }),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    answer(id, async () => {
      const data = await handles.read(handle, offset, length);
      if (data.length === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, data);
    }),
  );
  sftp.on('WRITE', (id, handle, offset, data) =>
    answer(id, async () => {
      handles.write(handle, offset, data);
      sftp.status(id, STATUS_CODE.OK);
      await Promise.resolve();
    }),
  );
  sftp.on('CLOSE', (id, handle) => done(id, () => handles.close(handle)));
  sftp.on('OPENDIR', (id, name) =>
    answer(id, async () => sftp.handle(id, await handles.openDirectory(path(name)))),
  );
  sftp.on('READDIR', (id, handle) =>
    answer(id, async () => {
      const entries = handles.nextEntries(handle);
      if (entries === undefined) {
        sftp.status(id, STATUS_CODE.EOF);
        return;
      }
      const named: FileEntry[] = [];
      for (const { name, directory } of entries) {
        const stat = await files.lstat(join(directory, name)).catch(() => undefined);
        if (stat === undefined) continue;
        const longname = `${modeText(stat)} ${stat.links} ${stat.uid} ${stat.gid} ${stat.size} ${name}`;
        named.push({ filename: name, longname, attrs: attributesOf(stat) });
      }
      sftp.name(id, named);
    }),
  );
  sftp.on('STAT', (id, name) => attributes(id, () => files.stat(path(name))));
  sftp.on('LSTAT', (id, name) => attributes(id, () => files.lstat(path(name))));
  sftp.on('FSTAT', (id, handle) => attributes(id, () => handles.stat(handle)));
  sftp.on('SETSTAT', (id, name, attrs) => done(id, () => change(files, path(name), attrs)));
  sftp.on('FSETSTAT', (id, handle, attrs) =>
    done(id, () => handles.change(handle, (name) => change(files, name, attrs))),
  );
  sftp.on('MKDIR', (id, name, attrs) => done(id, () => files.mkdir(path(name), modeOf(attrs) ?? 0o755)));
  sftp.on('RMDIR', (id, name) =>
    done(id, async () => {
      if ((await files.lstat(path(name))).type !== 'directory') throw new FileFailure('ENOTDIR', name);
      await files.remove(path(name));
    }),
  );
  sftp.on('REMOVE', (id, name) =>
    done(id, async () => {
      if ((await files.lstat(path(name))).type === 'directory') throw new FileFailure('EISDIR', name);
      await files.remove(path(name));
    }),
  );
  sftp.on('RENAME', (id, from, to) =>
    done(id, async () => {
      // Version 3 does not replace an existing file.
      if ((await files.lstat(path(to)).catch(() => undefined)) !== undefined)
        throw new FileFailure('EEXIST', to);
      await files.rename(path(from), path(to));
    }),
  );
  sftp.on('READLINK', (id, name) =>
    answer(id, async () =>
      sftp.name(id, [{ filename: await files.readLink(path(name)), longname: '', attrs: NO_ATTRIBUTES }]),
    ),
  );
  // OpenSSH's clients send target and link in this order, against the specification, and every server follows.
  sftp.on('SYMLINK', (id, link, target) => done(id, () => files.symlink(target, path(link))));
  sftp.on('REALPATH', (id, name) =>
    answer(id, async () => {
      const real = await files.realPath(path(name === '.' || name === '' ? identity.home : name));
      sftp.name(id, [{ filename: real, longname: real, attrs: NO_ATTRIBUTES }]);
    }),
  );
  sftp.on('error', () => undefined);
}

const NO_ATTRIBUTES: Attributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };

function attributesOf(stat: FileStat): Attributes {
  const mtime = Math.floor(stat.mtime.getTime() / 1000);
  return {
    mode: TYPE_BITS[stat.type] | stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    atime: mtime,
    mtime,
  };
}

function modeOf(attrs: Partial<Attributes>): number | undefined {
  return attrs.mode === undefined ? undefined : attrs.mode & 0o7777;
}

async function change(files: NodeFiles, path: string, attrs: Partial<Attributes>): Promise<void> {
  const mode = modeOf(attrs);
  const wanted: FileAttributes = {
    ...(mode === undefined ? {} : { mode }),
    ...(attrs.uid === undefined ? {} : { uid: attrs.uid }),
    ...(attrs.gid === undefined ? {} : { gid: attrs.gid }),
    ...(attrs.mtime === undefined ? {} : { mtime: new Date(attrs.mtime * 1000) }),
  };
  if (attrs.size !== undefined) {
    const content = await files.readFile(path);
    const resized = Buffer.alloc(attrs.size);
    content.copy(resized);
    await files.writeFile(path, resized);
  }
  if (Object.keys(wanted).length > 0) await files.setAttributes(path, wanted);
}
