package api

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"xunfang/models"
)

// reference is the page that shows the contract. Swagger UI (Apache-2.0, see its LICENSE
// beside it) is carried along, so that the page needs no outside host.
//
//go:embed reference
var reference embed.FS

// docsPolicy lets the page run its own files and talk to its own server, and nothing else.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page is one thing that is served as it is.
type page struct {
	mediaType string
	body      []byte
	etag      string
}

func newPage(mediaType string, body []byte) page {
	sum := sha256.Sum256(body)
	return page{mediaType: mediaType, body: body, etag: `"` + hex.EncodeToString(sum[:16]) + `"`}
}

// documentation gathers the pages by path.
func documentation(contract *Contract) map[string]page {
	pages := map[string]page{
		"/openapi.yaml": newPage("application/yaml", contract.raw),
		"/errors":       newPage("text/html; charset=utf-8", errorsPage()),
	}
	for path, file := range map[string][2]string{
		"/docs":                       {"index.html", "text/html; charset=utf-8"},
		"/docs/init.js":               {"init.js", "text/javascript; charset=utf-8"},
		"/docs/swagger-ui-bundle.js":  {"swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
		"/docs/swagger-ui.css":        {"swagger-ui.css", "text/css; charset=utf-8"},
		"/docs/swagger-ui-LICENSE":    {"LICENSE", "text/plain; charset=utf-8"},
		"/docs/swagger-ui-components": {"swagger-ui-bundle.js.LICENSE.txt", "text/plain; charset=utf-8"},
	} {
		body, err := reference.ReadFile("reference/" + file[0])
		if err != nil {
			panic("api: the program was built without " + file[0])
		}
		pages[path] = newPage(file[1], body)
	}
	return pages
}

func (a *App) routeDocs() {
	for path, page := range a.docs {
		a.fiber.Get(path, func(c *fiber.Ctx) error { return servePage(c, page) })
	}
}

func servePage(c *fiber.Ctx, page page) error {
	c.Set(fiber.HeaderContentSecurityPolicy, docsPolicy)
	c.Set(fiber.HeaderCacheControl, "no-cache") // kept, but asked about each time
	c.Set(fiber.HeaderETag, page.etag)
	if c.Get(fiber.HeaderIfNoneMatch) == page.etag {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.Set(fiber.HeaderContentType, page.mediaType)
	c.Response().SetBodyRaw(page.body)
	return nil
}

// errorsPage is where the type of a problem leads: /errors#code.
func errorsPage() []byte {
	var text strings.Builder
	text.WriteString("<!doctype html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\">" +
		"<title>巡防错误码 · Xunfang error codes</title></head>\n<body>\n<h1>错误码 · Error codes</h1>\n")
	for _, info := range models.Codes {
		status, ok := statuses[info.Kind]
		if !ok {
			status = http.StatusInternalServerError
		}
		fmt.Fprintf(&text, "<h2 id=\"%[1]s\">%[1]s · %[2]d</h2>\n<p>%[3]s：%[4]s</p>\n<p lang=\"en\">%[5]s. %[6]s</p>\n",
			html.EscapeString(string(info.Code)), status, html.EscapeString(info.TitleZH), html.EscapeString(info.AdviceZH),
			html.EscapeString(info.TitleEN), html.EscapeString(info.AdviceEN))
	}
	text.WriteString("</body>\n</html>\n")
	return []byte(text.String())
}
