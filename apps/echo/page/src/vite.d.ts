/** The URL of a module that Vite builds as a worker. */
declare module '*?worker&url' {
  const url: string
  // biome-ignore lint/style/noDefaultExport: Vite exports it so
  export default url
}
