package main

func cni([]string) error { return nil }
