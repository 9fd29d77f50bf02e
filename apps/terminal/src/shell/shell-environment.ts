type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that are the server's own, and those of a terminal that the server itself may run in. */
const NOT_FOR_SHELLS = /^(?:PORT|NODE_.*|CARREL_TERMINAL_.*|TMUX.*|STY|WINDOW|WINDOWID|TERMCAP|COLUMNS|LINES|SHLVL|_)$/;

/** The environment of a shell: the server's, without what is its own, with what programs ask of a terminal. */
export function shellEnvironment(env: Environment, home: string, shell: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !NOT_FOR_SHELLS.test(name)) kept[name] = value;
  }
  return {
    LANG: "C.UTF-8",
    ...kept,
    HOME: home,
    PWD: home,
    SHELL: shell,
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
  };
}
