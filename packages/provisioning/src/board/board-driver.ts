import type {
  CleanupStack,
  ErasePermit,
  ImageStream,
  Logger,
  NodeId,
  Progress,
  TuringPiError,
} from '@turingpi/foundation';
import type { RecordedDisk, SeenDisk } from '../installation/seen-disks.js';
import type { BoardId, Node, CustomizedImage, SharedText } from '@turingpi/core/plugin';

/** What every operation on hardware gets. */
export interface BoardOperation {
  readonly node: Node;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly progress: (progress: Progress) => void;
}

/** What switching a node on gets. */
export interface PowerOnOperation extends BoardOperation {
  /**
   * Whether another node is being installed or is about to be. Where a node that boots would be in the way of that, it is
   * better switched on afterwards.
   */
  isSlotWanted?(): boolean;
}

/** A customised image as an installation strategy sees it. */
export interface InstallableImage {
  readonly record: CustomizedImage;
  /** Opens the image from its first byte, `raw` decompressed on the fly. May be called again for a retry. */
  open(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream>;
  /**
   * Path of the image file, for who reads it at random: it is there, and is what the record says. Left out where there is
   * no file.
   */
  file?(signal: AbortSignal): Promise<string>;
}

/** The board's slot, which is an installation's when it begins: one node at a time is written through the BMC. */
export interface StrategySlot {
  /** Gives it to other nodes, before what takes time and needs no BMC. @returns The signal that holds from then on. */
  release(): Promise<AbortSignal>;
  /** Waits for it again. @returns The signal that holds from then on. */
  take(): Promise<AbortSignal>;
  /** Whether another node has it, waits for it, or is about to. */
  isWanted(): boolean;
}

/** What a strategy is asked to do. */
export interface InstallationRequest extends BoardOperation {
  readonly image: InstallableImage;
  /** Undone when the phase ends, whatever its outcome. */
  readonly cleanup: CleanupStack;
  /** Held when the strategy is called. Undefined: nobody else wants it. */
  readonly slot?: StrategySlot;
  /** Where the system goes, for a strategy with `disksFor`. Default: its disk. */
  readonly target?: string;
  /** Says what would be done and does nothing. */
  readonly dryRun?: boolean;
  /**
   * Whether the recorded installation of another node answers now, by its host key: evidence that it is no module that
   * waits in USB boot.
   */
  isRunning?(node: NodeId, signal: AbortSignal | undefined): Promise<boolean>;
  /**
   * Whether the installation is still this run's: to be asked before what harms whoever has taken it over, as switching the
   * node off after a pause. Default: it is.
   */
  isStillOurs?(): Promise<boolean>;
  /** To be told of the disk beside its eMMC that the node has, before that is written or refused. */
  sawDisk?(disk: SeenDisk): Promise<void>;
  /**
   * A text about the board for all computers that share the state, where they do: what is written there by a computer that
   * dies is found by the one that takes over.
   */
  readonly sharedTransfer?: SharedText;
  /**
   * The right to erase the node's disk. Its `begin` is called directly before the first request or byte that does.
   * Undefined only with `dryRun`.
   */
  readonly permit?: ErasePermit;
}

/** An installation that nothing was done for yet. */
export interface WantedInstallation {
  /** What is in the slot. */
  readonly board: Pick<BoardDriver, 'id' | 'title'>;
  /** Absolute path of the base image; undefined when it is not a file of this computer. */
  readonly baseImage: string | undefined;
}

/** A way to get a customised image onto a node, for example `flash` or `rpiboot`. It leaves the node off. */
export interface InstallationStrategy {
  readonly id: string;
  /** Other names under which users may choose it; what is recorded is the id. */
  readonly aliases?: readonly string[];
  /** One line for `--help` and lists. */
  readonly summary: string;
  /** The disk that it erases, as approvals name it. Default `emmc`. */
  readonly disk?: string;
  /**
   * For a strategy that lets choose where the system goes: the disks that it erases then, as approvals name them; undefined
   * for a target that it does not have on this board.
   */
  disksFor?(target: string, board: Pick<BoardDriver, 'id'>): readonly string[] | undefined;
  /**
   * What of the disks that it erases for a target only a run can tell, a line each, for a plan.
   *
   * @param seen - what an earlier installation of the node was told by `sawDisk`
   */
  unforeseen?(target: string | undefined, seen?: RecordedDisk): readonly string[];
  /** What this computer or the base image lacks for it, looked at before any work; undefined when nothing is missing. */
  missing?(signal: AbortSignal, wanted?: WantedInstallation): Promise<TuringPiError | undefined>;
  install(request: InstallationRequest): Promise<void>;
}

/** What a board plugin contributes: one type of compute module. */
export interface BoardDriver {
  /** The board type in the configuration, for example `rk1`. */
  readonly id: string;
  readonly title: string;
  /** The first one is the default. */
  readonly strategies: readonly InstallationStrategy[];
  /**
   * Who the board is: asked before anything is decided, so that records of another board are never taken for its own.
   * A driver without it leaves the board unidentified.
   */
  identity?(operation: Pick<BoardOperation, 'signal'>): Promise<BoardId>;
  powerOn(operation: PowerOnOperation): Promise<void>;
  powerOff(operation: BoardOperation): Promise<void>;
  /** Told when a node that was switched on is up, or its boot was given up: until then it may be silent. */
  bootEnded?(operation: BoardOperation): Promise<void>;
  /**
   * Follows the node's serial console.
   *
   * @returns Text as it arrives, ANSI sequences included, until the signal fires (then it just ends).
   */
  followConsole(operation: BoardOperation): AsyncIterable<string>;
  /**
   * What the board still holds of what was printed on the node's console; of when it is, it does not tell. A driver without
   * it, or whose board would lose what is read, holds nothing.
   */
  readConsole?(operation: BoardOperation): Promise<string>;
  /** Sends one line to the serial console; the line end is added by the board. */
  sendConsoleLine(operation: BoardOperation, line: string): Promise<void>;
}
