import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

/** Prints a completion script for a shell, made from the commands themselves. */
export function completionOf(commands: () => Readonly<Record<string, Command>>): Command {
  return {
    summary: "a completion script for bash, zsh or fish",
    help: `carrel completion bash|zsh|fish

  bash: source <(./carrel completion bash)
  zsh:  source <(./carrel completion zsh)
  fish: ./carrel completion fish | source
`,
    run({ args: [shell = ""] }) {
      const write = SCRIPTS[shell];
      if (write === undefined)
        throw new UsageError(`completion ${shell}: there are ${Object.keys(SCRIPTS).join(", ")}`);
      process.stdout.write(write(wordsOf(commands())));
      return Promise.resolve();
    },
  };
}

/** What may follow a line: `""`, `session`, `session list`. */
type Words = ReadonlyMap<string, readonly string[]>;

function wordsOf(commands: Readonly<Record<string, Command>>): Words {
  const words = new Map<string, readonly string[]>([["", Object.keys(commands)]]);
  for (const [name, { verbs }] of Object.entries(commands)) {
    if (verbs === undefined) continue;
    words.set(name, Object.keys(verbs));
    for (const [word, { options }] of Object.entries(verbs))
      words.set(`${name} ${word}`, ["--help", ...Object.keys(options).map((option) => `--${option}`)]);
  }
  return words;
}

function bash(words: Words): string {
  const cases = [...words].map(([line, next]) => `    "${line}") words="${next.join(" ")}" ;;`).join("\n");
  return `_carrel() {
  local line="" word words="--help"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [ "\${line// /}" = "$line" ] && line="\${line:+$line }$word" ;; esac
  done
  case "$line" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _carrel carrel ./carrel
`;
}

const SCRIPTS: Readonly<Record<string, (words: Words) => string>> = {
  bash,
  zsh: (words) => `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`,
  fish: (words) =>
    `${[...words]
      .map(([line, next]) => {
        const [command, word] = line.split(" ");
        const seen = word === undefined ? command : word;
        const when =
          line === ""
            ? "__fish_use_subcommand"
            : `__fish_seen_subcommand_from ${command}${word === undefined ? "" : `; and __fish_seen_subcommand_from ${seen}`}`;
        return `complete -c carrel -f -n '${when}' -a '${next.join(" ")}'`;
      })
      .join("\n")}\n`,
};
