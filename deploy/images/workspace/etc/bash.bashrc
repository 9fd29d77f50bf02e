# Interactive shells of a workspace. It is here and not in the home directory because that is often an empty volume.
[ -z "${PS1:-}" ] && return

shopt -s checkwinsize histappend
HISTCONTROL=ignoreboth
PROMPT_COMMAND='history -a'
PS1='\[\e]0;\w\a\e[1;32m\]\u\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '

[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion

alias ls='ls --color=auto'
alias ll='ls -l'
alias grep='grep --color=auto'
alias k=kubectl

# Completion of kubectl is loaded when it is first asked for; k then gets the same.
_carrel_complete_k() {
  _completion_loader kubectl
  complete -o default -F __start_kubectl k
  return 124
}
complete -F _carrel_complete_k k
