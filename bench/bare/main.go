// Command bare is what the benchmark compares with: Fiber and database/sql, one durable INSERT for
// each request, and nothing else. No authentication, no validation beyond parsing, no audit.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/gofiber/fiber/v2"
)

// The environment variables with the databases; in flags their passwords would be seen by everybody.
const (
	envWrite = "XUNFANG_BARE_WRITE" // where rows are inserted
	envRead  = "XUNFANG_BARE_READ"  // where the list is read
	envEcho  = "XUNFANG_BARE_ECHO"  // the password at the broker
)

func main() {
	listen := flag.String("listen", "", "address to listen on")
	prepared := flag.Bool("prepared", false, "keep the INSERT prepared")
	broker := flag.String("echo", "", "be no server, but a controller at this broker that answers whatever it hears")
	device := flag.String("device", "", "with --echo: who it is")
	topic := flag.String("topic", "", "with --echo: where it listens")
	flag.Parse()
	run := func() error { return serve(*listen, *prepared) }
	if *broker != "" {
		run = func() error { return echo(*broker, *device, *topic, os.Getenv(envEcho)) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func serve(address string, prepared bool) error {
	rows, err := openRows(os.Getenv(envWrite), os.Getenv(envRead), prepared)
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok") })
	app.Post("/check-ins", rows.insertOne)
	app.Get("/check-ins", rows.list)
	app.Post("/verify", newVerifier().verify)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		_ = app.Shutdown()
	}()
	return errors.Join(app.Listen(address), rows.close())
}
