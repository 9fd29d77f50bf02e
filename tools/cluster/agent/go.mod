module carrel.dev/tools/cluster/agent

go 1.26
