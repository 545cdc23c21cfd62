import type { Component } from 'vue'

/** One line of a menu. */
export type MenuItem<V extends string> = {
  readonly value: V
  readonly label: string
  readonly icon?: Component
  readonly isDangerous?: boolean
  readonly isDisabled?: boolean
  readonly hasLineBefore?: boolean
}
