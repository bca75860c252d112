package api

import (
	"bytes"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// VisitGetStreamResponse implements GetStreamResponseObject.
func (s EventStream) VisitGetStreamResponse(c *fiber.Ctx) error {
	run, err := s.begin(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, typeEvents)
	c.Set("X-Accel-Buffering", "no") // or a proxy in front holds events back
	// The stream takes the connection over. As a body that fasthttp writes, each event would go through a pipe to a second
	// goroutine, which costs more than all else that a stream does for it.
	out := &eventLine{run: run, chunked: c.Context().Request.Header.IsHTTP11()}
	c.Context().SetUserValue(lineKey{}, out)
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		out.conn = conn
		run.write(out)
	})
	return nil
}

type lineKey struct{}

// streamHeader keeps, when all have had their say, what a stream's answer begins with. What did not become one, its
// answer failed the contract perhaps, is answered as everything else.
func streamHeader(ctx *fasthttp.RequestCtx) {
	out, ok := ctx.UserValue(lineKey{}).(*eventLine)
	if !ok {
		return
	}
	if ctx.Response.StatusCode() != fasthttp.StatusOK {
		ctx.HijackSetNoResponse(false)
		ctx.Hijack(nil)
		out.run.abandon()
		return
	}
	ctx.SetConnectionClose() // the connection ends with the stream
	if out.chunked {
		ctx.Response.Header.SetContentLength(-1)
	} else {
		ctx.Response.Header.SetContentLength(-2)
	}
	out.header = bytes.Clone(ctx.Response.Header.Header())
}

// eventLine writes server-sent events: in chunks (RFC 9112, section 7.1), by which a client can tell an end from a cut, or to
// one of HTTP/1.0, as some proxies are, as they are.
type eventLine struct {
	run      *streaming
	conn     net.Conn
	header   []byte
	chunked  bool
	broken   bool      // part of a piece may have gone out
	deadline time.Time // the connection's
}

func (l *eventLine) open(deadline time.Time) error { return l.send(openChunk, deadline) }

func (l *eventLine) end(error) {
	if l.chunked && !l.broken && l.header == nil {
		_ = l.write([]byte("0\r\n\r\n"), l.deadline)
	}
}

func (l *eventLine) beat(deadline time.Time) error { return l.send(beatChunk, deadline) }

func (l *eventLine) event(event Event, deadline time.Time) error {
	if event.piece != nil {
		return l.send(event.piece, deadline)
	}
	return l.send(chunk(event.encode()), deadline)
}

// send writes one chunk, or what is in it; the first one with the answer's header.
func (l *eventLine) send(piece []byte, deadline time.Time) error {
	if !l.chunked {
		piece = content(piece)
	}
	if l.header != nil {
		piece, l.header = append(l.header, piece...), nil
	}
	return l.write(piece, deadline)
}

// write writes at once, and moves the connection's write deadline: the server's own would end every stream after its first
// half minute.
func (l *eventLine) write(piece []byte, deadline time.Time) error {
	if !deadline.Equal(l.deadline) {
		if err := l.conn.SetWriteDeadline(deadline); err != nil {
			return err
		}
		l.deadline = deadline
	}
	_, err := l.conn.Write(piece)
	l.broken = l.broken || err != nil
	return err
}

var openChunk, beatChunk = chunk([]byte("retry: 3000\n: open\n\n")), chunk([]byte(":\n\n"))

const lineEnd = "\r\n"

func chunk(content []byte) []byte {
	made := make([]byte, 0, len(content)+2*len(lineEnd)+8)
	made = append(strconv.AppendInt(made, int64(len(content)), 16), lineEnd...)
	return append(append(made, content...), lineEnd...)
}

// content is what is in a chunk.
func content(chunk []byte) []byte {
	_, rest, _ := bytes.Cut(chunk, []byte(lineEnd))
	return rest[:len(rest)-len(lineEnd)]
}

// encode writes the event as it goes over the wire.
func (e Event) encode() []byte {
	oneLine := strings.NewReplacer("\r", "", "\n", "", "\x00", "")
	var out bytes.Buffer
	if e.ID != "" {
		out.WriteString("id: " + oneLine.Replace(e.ID) + "\n")
	}
	if e.Name != "" {
		out.WriteString("event: " + oneLine.Replace(e.Name) + "\n")
	}
	data := bytes.ReplaceAll(e.Data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	for _, line := range bytes.Split(data, []byte("\n")) {
		out.WriteString("data: ")
		out.Write(line)
		out.WriteByte('\n')
	}
	out.WriteByte('\n')
	return out.Bytes()
}
