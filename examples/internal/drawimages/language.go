package main

import (
	"image/color"
	"math/rand/v2"
)

// language is how one language looks from a distance: its colours and the
// rhythm of its words.
type language struct {
	code string
	// accent colours the chrome; covers colour books and highlights.
	accent color.RGBA
	covers []color.RGBA
	// Words are shortest to longest pixels wide, and marks out of 16 carry an
	// accent.
	shortest, longest, marks int
	// Vertical scripts are set in columns of square characters.
	vertical bool
}

var languages = []language{
	{
		code: "en-us", accent: hex(0x1f6f8b), shortest: 12, longest: 44,
		covers: []color.RGBA{hex(0x1f6f8b), hex(0xe07a5f), hex(0x81b29a), hex(0xf2cc8f), hex(0x3d405b)},
	},
	{
		code: "de-de", accent: hex(0x8a5a00), shortest: 16, longest: 92, marks: 3,
		covers: []color.RGBA{hex(0xb5651d), hex(0x5b7553), hex(0xe0b03c), hex(0x6b4e71), hex(0x394648)},
	},
	{
		code: "fr-fr", accent: hex(0x3b5ba5), shortest: 8, longest: 56, marks: 6,
		covers: []color.RGBA{hex(0x3b5ba5), hex(0xe87a5d), hex(0xf3b941), hex(0x7fb7be), hex(0x9c4368)},
	},
	{
		code: "ja-jp", accent: hex(0xb0413e), vertical: true,
		covers: []color.RGBA{hex(0xb0413e), hex(0x4f6d7a), hex(0xc0a062), hex(0x56704b), hex(0xdd8a87)},
	},
}

// cover is the colour of the nth book.
func (l language) cover(n int) color.RGBA { return l.covers[n%len(l.covers)] }

// text sets a block of horizontal text, lines of the given height and distance.
func (l language) text(c *canvas, seed uint64, x, y, width, height, lines, distance int, ink color.RGBA) {
	random := rand.New(rand.NewPCG(seed, uint64(len(l.code))))
	for line := range lines {
		end := x + width
		if line%5 == 4 {
			end = x + width*(5+random.IntN(8))/16
		}
		l.line(c, random, x, end, y+line*distance, height, ink)
	}
}

// line sets words from x to end.
func (l language) line(c *canvas, random *rand.Rand, x, end, y, height int, ink color.RGBA) {
	for x < end {
		if l.vertical {
			if x+height+3 <= end {
				l.glyph(c, random, x, y, height+3, ink)
			}
			x += height + 6
			continue
		}
		word := min(l.shortest+random.IntN(l.longest-l.shortest+1), end-x)
		if word >= height {
			c.round(x, y, word, height, height/2, ink)
			if random.IntN(16) < l.marks {
				c.round(x+word/2-2, y-5, 4, 3, 1, ink)
			}
		}
		x += word + height
	}
}

// columns sets a block of vertical text, first column on the right.
func (l language) columns(c *canvas, seed uint64, x, y, width, height, size int, ink color.RGBA) {
	random := rand.New(rand.NewPCG(seed, 7))
	for column := 0; (column+1)*size*2 <= width; column++ {
		bottom := y + height
		if column%5 == 4 {
			bottom = y + height*(4+random.IntN(9))/16
		}
		for row := y; row+size <= bottom; row += size + 3 {
			if random.IntN(14) == 0 {
				continue // a pause, as after a full stop
			}
			l.glyph(c, random, x+width-(column+1)*size*2, row, size, ink)
		}
	}
}

// glyph sets one square character: a few strokes, dense or light.
func (l language) glyph(c *canvas, random *rand.Rand, x, y, size int, ink color.RGBA) {
	stroke := max(size/6, 2)
	switch random.IntN(4) {
	case 0: // like 口
		c.rect(x, y, size, stroke, ink)
		c.rect(x, y+size-stroke, size, stroke, ink)
		c.rect(x, y, stroke, size, ink)
		c.rect(x+size-stroke, y, stroke, size, ink)
	case 1: // like 十
		c.rect(x, y+size/3, size, stroke, ink)
		c.rect(x+size/2-stroke/2, y, stroke, size, ink)
	case 2: // like 三
		c.rect(x, y+stroke/2, size, stroke, ink)
		c.rect(x+size/6, y+size/2-stroke/2, size*2/3, stroke, ink)
		c.rect(x, y+size-stroke, size, stroke, ink)
	default: // like 月
		c.rect(x+size/6, y, stroke, size, ink)
		c.rect(x+size-stroke-size/6, y, stroke, size, ink)
		c.rect(x+size/6, y, size*2/3, stroke, ink)
		c.rect(x+size/6, y+size/2, size*2/3, stroke, ink)
	}
}

// prose fills a box with text in the direction of the script.
func (l language) prose(c *canvas, seed uint64, x, y, width, height int, ink color.RGBA) {
	if l.vertical {
		l.columns(c, seed, x, y, width, height, 12, ink)
		return
	}
	l.text(c, seed, x, y, width, 8, height/24, 24, ink)
}
