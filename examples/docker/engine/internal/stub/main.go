// Command stub is what the containers of this module's tests run: one small program that stands for every image. Its
// first argument says what it does; under the name of a shell, the first word of the script does.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	args := os.Args[1:]
	if base := filepath.Base(os.Args[0]); base == "sh" || base == "bash" {
		if len(args) > 1 && args[0] == "-c" {
			args = strings.Fields(args[1])
		}
	}
	if err := run(args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run does what the words say. Words that it does not know are those of a real image's program: it sleeps, or, as a
// health check, succeeds.
func run(words []string) error {
	mode, rest := "", []string(nil)
	if len(words) > 0 {
		mode, rest = words[0], words[1:]
	}
	switch {
	case mode == "stubborn":
		signal.Ignore(syscall.SIGTERM)
		time.Sleep(time.Hour)
	case mode == "exit" && len(rest) == 1:
		code, err := strconv.Atoi(rest[0])
		if err != nil {
			return err
		}
		os.Exit(code)
	case mode == "eat":
		return eat()
	case mode == "serve":
		return serve(rest)
	case mode == "print":
		fmt.Println(strings.Join(rest, " "))
		return sleep()
	case mode == "count":
		return count(rest)
	case mode == "exists" && len(rest) == 1:
		_, err := os.Stat(rest[0])
		return err
	case mode == "write" && len(rest) == 2:
		if err := os.WriteFile(rest[0], []byte(rest[1]), 0o600); err != nil {
			return err
		}
		return sleep()
	case mode == "cat":
		return cat(rest)
	case mode == "get" && len(rest) == 1:
		return get(rest[0])
	case mode == "hang":
		time.Sleep(time.Hour)
	case mode == "show":
		return show()
	case os.Getenv("STUB") == "ends" || os.Getpid() != 1 && os.Getppid() == 0 && mode != "sleep":
		return nil
	default:
		return sleep()
	}
	return nil
}

// sleep ends with 0 at SIGTERM.
func sleep() error {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1)
	if s := <-ended; s == syscall.SIGUSR1 {
		os.Exit(10)
	}
	return nil
}

// eat takes memory until there is no more.
func eat() error {
	var all [][]byte
	for {
		page := make([]byte, 1<<20)
		for i := range page {
			page[i] = 1
		}
		all = append(all, page)
		if len(all) > 1<<16 {
			return errors.New("there is too much memory")
		}
	}
}

// serve answers at a port, 80 unless told, with its name.
func serve(args []string) error {
	port := "80"
	if len(args) > 0 {
		port = args[0]
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, name) }))
	}()
	return sleep()
}

// count prints numbers, one each interval.
func count(args []string) error {
	interval := 20 * time.Millisecond
	if len(args) > 0 {
		d, err := time.ParseDuration(args[0])
		if err != nil {
			return err
		}
		interval = d
	}
	for i := range 1 << 30 {
		fmt.Println("line", i)
		time.Sleep(interval)
	}
	return nil
}

func cat(files []string) error {
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Println(strings.TrimSpace(string(data)))
	}
	return sleep()
}

func get(url string) error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}

// show prints what a container finds around it.
func show() error {
	directory, err := os.Getwd()
	if err != nil {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return err
	}
	fmt.Println("args", os.Args)
	fmt.Println("cwd", directory)
	fmt.Println("hostname", name)
	fmt.Println("uid", os.Getuid())
	fmt.Println("pid", os.Getpid())
	fmt.Println("nofile", files.Max) // Go raises the other
	for _, v := range os.Environ() {
		fmt.Println("env", v)
	}
	for _, path := range []string{"/etc/hosts", "/etc/resolv.conf", "/proc/mounts", "/proc/self/status",
		"/proc/sys/net/core/somaxconn"} {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Printf("%s:\n%s\n", path, data)
	}
	fmt.Println("root", os.WriteFile("/written", nil, 0o600))
	fmt.Println("end")
	return sleep()
}
